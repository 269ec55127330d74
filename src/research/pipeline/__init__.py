"""Joins the stages: exports to processed tables, processed tables to pages."""
