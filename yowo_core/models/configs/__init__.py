"""What shapes each network, one frozen configuration a family; free of torch."""
