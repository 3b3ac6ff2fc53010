"""Motion clips: motion capture, procedural motion, limbs exchanged between clips."""
