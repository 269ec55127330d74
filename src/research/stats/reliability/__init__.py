"""Is a scale measured without too much error: consistency, split halves, error of a mean?"""
