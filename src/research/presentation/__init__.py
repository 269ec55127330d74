"""From results to what people read: words, numbers, tables, figures, pages."""
