"""`python -m skmnist`: the same as `skmnist`."""

from skmnist._cli import main

main()
