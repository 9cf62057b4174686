# What the document of a verb starts that only speaks with libvirt: `perl ask.pl <installation> <verb>`.
#
# It hands the verb to the host unit (novacron_host/resident.py) and prints its answer. Where the unit of this very version
# does not take it, or dies on the way, it becomes the program that does the verb itself: the fence's journal makes the two one.
# Perl, because it begins in 2 ms, where Python takes 8; without a module, strict and warnings too, as each costs what this
# is here to save: the linter reads it with both.

my $PYTHON = '/usr/bin/python3';
my $TAKEN = "\x06";
# A unit that lives takes a verb in a few milliseconds.
my $TAKEN_WITHIN_SECONDS = 2;
# Linux's own, and the same on every architecture that runs KVM; SOCKADDR_UN is a layout for `pack`.
my ($AF_UNIX, $SOCK_STREAM, $SHUT_WR, $SOCKADDR_UN) = (1, 1, 1, 'S a108');

# Ends this process by the verb's exit code, or runs the program in its place.
sub main {
    my ($installation, $verb) = @_;
    my ($home) = __FILE__ =~ m{^(.*)/};
    my ($code, $line) = asked(socket_of($home, $installation), request($verb));
    exec $PYTHON, '-I', $home, $installation, $verb if !defined $code;
    written(*STDOUT, $line);
    exit $code;
}

# Where the unit of this version listens: units and documents of different ones do not meet.
sub socket_of {
    my ($home, $installation) = @_;
    my ($root) = $home =~ m{^(.*)/usr/lib/novacron/};
    my $version = readlink $home;
    ($version) = $home =~ m{([^/]*)$} if !defined $version;
    return ($root // '') . "/run/novacron/$installation/$version.sock";
}

# The verb and the document's parameters; no variable of an environment has a NUL in it.
sub request {
    my ($verb) = @_;
    return join "\0", $verb, map { "$_=$ENV{$_}" } grep { /^SSM_/ } keys %ENV;
}

# The exit code and the line that the unit answers, whole, or nothing.
sub asked {
    my ($path, $text) = @_;
    socket(my $link, $AF_UNIX, $SOCK_STREAM, 0) or return;
    local $SIG{PIPE} = 'IGNORE';
    return if !eval {
        local $SIG{ALRM} = sub { die "nobody takes it\n" };
        alarm $TAKEN_WITHIN_SECONDS;
        my $is_taken = is_taken($link, $path, $text);
        alarm 0;    # what hangs is ended over there, by its own time
        $is_taken;
    };
    return whole($link);
}

# Whether the unit takes it.
sub is_taken {
    my ($link, $path, $text) = @_;
    connect $link, pack($SOCKADDR_UN, $AF_UNIX, $path) or return 0;
    written($link, $text) or return 0;
    shutdown $link, $SHUT_WR or return 0;
    sysread $link, my $said, 1 or return 0;
    return $said eq $TAKEN;
}

# `<exit code> <line>` up to its line end, or nothing: it was cut.
sub whole {
    my ($link) = @_;
    my $said = '';
    while ($said !~ /\n\z/) {
        sysread $link, $said, 65_536, length $said or return;
    }
    return $said =~ /\A([0-9]+) (.*\n)\z/s;
}

# Whether all of it is written.
sub written {
    my ($to, $text) = @_;
    my $at = 0;
    while ($at < length $text) {
        $at += syswrite($to, $text, length($text) - $at, $at) // return 0;
    }
    return 1;
}

main(@ARGV);
