"""Tests, in the layout of the code they test."""
