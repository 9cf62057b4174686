export LC_ALL=C
printf %s '${Program}' | base64 -d | /usr/bin/python3 -I - ${Installation}
