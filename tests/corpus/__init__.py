"""Programs as users write them, shared by the tests of every mode and every back end."""
