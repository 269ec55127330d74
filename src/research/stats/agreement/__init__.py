"""Do people agree: raters of one thing, people of one organisation, two roles on an order?"""
