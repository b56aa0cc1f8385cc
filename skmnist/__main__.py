"""`python -m skmnist`: the same as `skmnist`."""

from skmnist._cli.app import main

main()
