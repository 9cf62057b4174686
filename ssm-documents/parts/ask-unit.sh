unset PERL5OPT PERL5LIB PERL_UNICODE
set -- /usr/bin/python3 -I "$unit"
if [ -x /usr/bin/perl ] && [ -e "$unit/ask.pl" ]; then set -- /usr/bin/perl "$unit/ask.pl"; fi
exec "$@" ${Installation}
