"""Class names of public data sets, in the order of the networks that were trained on them."""
