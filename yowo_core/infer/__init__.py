"""From clips and videos to detections: engines, the pipeline, the live worker."""
