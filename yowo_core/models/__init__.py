"""Complete action detectors, one file a network, with the tables of their variants."""
