"""Pure tensor functions: box maths, IoU losses, NMS, distribution focal loss, anchors."""
