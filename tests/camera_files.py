"""Camera files as calibration programs write them."""

POSE2SIM = """
[cam_01]
name = "cam_01"
size = [ 1088.0, 1920.0]
matrix = [ [ 1681.25, 0.0, 559.5], [ 0.0, 1681.0, 948.0], [ 0.0, 0.0, 1.0]]
distortions = [ -0.046, 0.14, 0.0006, 0.0007]
rotation = [ 1.2091995761561452, 1.2091995761561452, -1.2091995761561452]
translation = [ -3.5, 1.7, 10.0]
fisheye = false

[cam_02]
name = "cam_02"
size = [ 1920.0, 1080.0]
matrix = [ [ 1500.0, 0.0, 960.0], [ 0.0, 1500.0, 540.0], [ 0.0, 0.0, 1.0]]
distortions = [ 0.0, 0.0, 0.0, 0.0]
rotation = [ 1.5707963267948966, 0.0, 0.0]
translation = [ 0.0, 1.7, 4.0]
fisheye = false

[metadata]
adjusted = false
error = 0.0
"""

OPENCV = {
    # As OpenCV 4 and 5 begin their YAML.
    "4.yml": """%YAML:1.0
---
calibration_time: "Fri"
image_width: 1088
image_height: 1920
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 1.68125e+03, 0., 559.5, 0., 1681., 948., 0., 0., 1. ]
distortion_coefficients: !!opencv-matrix
   rows: 1
   cols: 5
   dt: d
   data: [ -4.6e-02, 0.14, 0.0006, 7.0e-04, 0.01 ]
avg_reprojection_error: 0.31
""",
    "cv.xml": """<?xml version="1.0"?>
<opencv_storage>
<image_width>1088</image_width>
<image_height>1920</image_height>
<camera_matrix type_id="opencv-matrix">
  <rows>3</rows>
  <cols>3</cols>
  <dt>d</dt>
  <data>
    1681.25 0. 559.5 0. 1681. 948. 0. 0. 1.</data></camera_matrix>
<distortion_coefficients type_id="opencv-matrix">
  <rows>1</rows>
  <cols>5</cols>
  <dt>d</dt>
  <data>
    -0.046 0.14 0.0006
    0.0007 0.01</data></distortion_coefficients>
</opencv_storage>
""",
    "cv.json": """{
    "image_width": 1088,
    "image_height": 1920,
    "camera_matrix": {
        "type_id": "opencv-matrix", "rows": 3, "cols": 3, "dt": "d",
        "data": [ 1681.25, 0.0, 559.5, 0.0, 1681.0, 948.0, 0.0, 0.0, 1.0 ]
    },
    "distortion_coefficients": {
        "type_id": "opencv-matrix", "rows": 1, "cols": 5, "dt": "d",
        "data": [ -0.046, 0.14, 0.0006, 0.0007, 0.01 ]
    }
}
""",
}
OPENCV["5.yml"] = OPENCV["4.yml"].replace("%YAML:1.0", "%YAML 1.2")
