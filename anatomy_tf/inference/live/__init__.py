"""Lifting of people who are detected while a camera runs."""
