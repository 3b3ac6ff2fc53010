"""Training on one device, on several devices, and on several machines."""
