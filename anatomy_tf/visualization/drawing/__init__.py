"""What pictures are drawn with: colours, panels, the scene, a clip's video."""
