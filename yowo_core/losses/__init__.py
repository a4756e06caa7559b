"""Criteria that turn raw maps and targets into named losses."""
