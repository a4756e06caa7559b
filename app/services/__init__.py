"""Objects without widgets that the views ask: project, playback, frames, inference, jobs."""
