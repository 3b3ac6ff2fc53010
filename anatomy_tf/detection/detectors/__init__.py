"""What finds people in pictures, one module a detector."""
