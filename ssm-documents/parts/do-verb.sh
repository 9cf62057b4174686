exec /usr/bin/python3 -I "$unit" ${Installation}
