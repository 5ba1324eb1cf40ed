"""Tests of Barnabas as a running process, with clients that its authors did not write."""
