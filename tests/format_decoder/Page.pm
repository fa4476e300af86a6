package Page;    # docs/format.md: its tables, its elements, and the forms of their numbers
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(open_page rows table);

my (%part, %tables);

sub open_page {
    local (@ARGV, $/) = shift;
    my (undef, %read) = split /^#+ (.+)\n/m, <>;
    %part = map { (lc tr/ /-/r => $read{$_}) } keys %read;
}

sub rows {    # the first table under the heading of a link, each row by its titles
    my ($table) = $part{ $_[0] } =~ /^((?:\|.*\n)+)/m or die "no table under #$_[0]";
    my ($titles, undef, @rows) = map { [(split /\s*\|\s*/, tr/`//dr, -1)[1 .. tr/|// - 1]] } split /\n/, $table;
    return map { my %row; @row{@$titles} = @$_; \%row } @rows;
}

sub form {    # "n × 8, n of 11 bits"
    local $_ = shift;
    return { constant => $1 } if /^the constant (.+)/;
    return { float => $1 } if /^IEEE 754 number of (\d+) bits/;
    my ($width) = /(?:of|bits) (\d+)/ or die "no form: $_";
    my ($step) = /× (\d+)/;
    my ($per) = m{/ (\d+)};
    my $offset = /\+ (\d+)/ ? $1 : /− (\d+)/ ? -$1 : 0;
    return { width => $width, step => $step // 1, offset => $offset, per => $per // 1 };
}

sub element {    # a row of a bundle or a record
    my ($row, %it) = @_;
    my ($code, $values) = @$row{qw(code values)};
    my ($link) = $code =~ /\]\(#(.+?)\)/;
    $it{path} = $row->{element};
    $it{presence} = ($row->{presence} // '') eq '1 bit';
    $it{type} = $values =~ /^(\w+)/ ? $1 : 'enumeration';
    $it{names} = { map { ($_->{code} => $_->{name}) } rows($1) } if $values =~ /\]\(#(.+?)\)/;
    @it{qw(least most)} = $values =~ /, (\S+) … (\S+)/;
    ($it{normal}) = $row->{default} =~ /\((\d+)\)$|^(-?[\d.]+)$/ ? $1 // $2 : 0;
    @it{qw(where none codes)} = ($1, $2 eq 'none', $3)
        if $row->{meaning} =~ /\*\*Only where (\S+) is (none|one) of .+?\*\* \(codes? ([\d, ]+)\)/;
    @it{qw(kind width inner)} = ($1, $2, $link) if $code =~ /^(enum|exp|bytes|text|string|group|list)\b *(\d*)/;
    return \%it if $it{kind};
    my @alternatives = $link ? rows($link) : ({ selector => '', 'stands for' => $code });
    @it{qw(kind width)} = ('number', length $alternatives[0]{selector});
    $it{forms} = [map { form($_->{'stands for'}) } @alternatives];
    return \%it;
}

sub table { return $tables{ $_[0] } //= [map { element($_) } rows($_[0])] }
1;
