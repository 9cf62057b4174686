"""The program of this directory: `python3 -I <directory> <installation> <verb>`; see novacron_host/command.py."""

from novacron_host.command import main

main()
