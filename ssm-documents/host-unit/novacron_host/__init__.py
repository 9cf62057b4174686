"""NovaCron's half on a libvirt host: the verbs that SSM documents run, and the unit that reports what happens.

Python 3.9, the standard library and python3-libvirt; nothing here passes text to a shell.
"""

# What a verb's answer and payload look like: raised only when an older plane or unit could not understand a newer one.
PROTOCOL = 1
