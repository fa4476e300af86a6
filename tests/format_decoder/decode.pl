#!/usr/bin/perl
# A decoder of AIGIF files that was written from docs/format.md alone; it takes its tables from that page's text.
#
#     perl decode.pl docs/format.md
#
# answers each {"op": "decode", "hex": "…"} on stdin with {"ok": the value in the page's JSON form} or {"error": its
# kind, "message": "…"}, and {"op": "hello"} with what it can do. Values are held as the JSON text of them.
use strict;
use warnings;
no warnings 'portable';    # numbers of 64 bits
use FindBin;
use lib $FindBin::Bin;
use Page;
use Compress::Raw::Zlib qw(crc32 Z_OK Z_BUF_ERROR Z_STREAM_END);

open_page(shift // 'docs/format.md');
my @BOOL = ('false', 'true');
my $COMPRESSOR = 'compression.text_compressor';
my %limit = map { ($_->{limit} => $_->{value}) } rows('limits');

# The codes of single values.

my (@strings, $taken, $end, $opaque, %now);    # of the file that is read; %now holds its values as numbers
sub refuse { die { kind => $_[0], message => $_[1] } }

sub take {
    my ($bits, $width) = @_;
    my $piece = $bits->{at} < length $bits->{text} ? substr $bits->{text}, $bits->{at}, $width : '';
    $bits->{at} += $width;
    refuse('corrupt', 'the bits end too early') if length $piece < $width && !$bits->{endless};
    return oct '0b0' . $piece . '0' x ($width - length $piece);
}

sub take_exp {
    my ($bits, $value) = (shift, 0);
    for (1 .. 8) {
        $value += my $byte = take($bits, 8);
        return $value if $byte < 255;
    }
    refuse('corrupt', 'an exp code of more than 8 bytes');
}

sub take_size {
    my @widths = (2, 5, 9, 16);
    my $selector = take($_[0], 2);
    my $value = take($_[0], $widths[$selector]);
    refuse('not canonical', 'R12') if $selector && $value < 2**$widths[$selector - 1];
    return $value;
}

sub take_float {
    my ($bits, $width) = @_;
    my $raw = pack $width == 32 ? 'L>' : 'Q>', take($bits, $width);
    my $value = unpack $width == 32 ? 'f>' : 'd>', $raw;
    refuse('corrupt', 'R13') if $value - $value != 0 || ($value == 0 && $raw =~ /[^\0]/);
    return $value;
}

sub gives {    # whether a form of a pick code gives a value back
    my ($form, $value, $is_float) = @_;
    return $form->{constant} == $value if defined $form->{constant};
    return $form->{float} == 64 || unpack('f>', pack 'f>', $value) == $value if $form->{float};
    my ($width, $step, $offset, $per) = @$form{qw(width step offset per)};
    my $number = ($is_float ? sprintf '%.0f', $value * $per : $value) - $offset;
    return 0 if $number < 0 || $number % $step || $number / $step >= 2**$width;
    return ($number + $offset) / $per == $value;
}

sub number {
    my ($element, $bits) = @_;
    my $selector = take($bits, $element->{width});
    my ($form, $is_float) = ($element->{forms}[$selector], $element->{type} eq 'float');
    my $value = $form->{constant} // ($form->{float} ? take_float($bits, $form->{float})
        : (take($bits, $form->{width}) * $form->{step} + $form->{offset}) / $form->{per});
    my ($least, $most) = @$element{qw(least most)};
    refuse('corrupt', 'out of range') if defined $least && ($value < $least || $value > $most);
    gives($_, $value, $is_float) && refuse('not canonical', 'R11') for @{ $element->{forms} }[0 .. $selector - 1];
    return $value;
}

# Text.

sub quoted {
    my ($text, $more) = (shift, '[\x80-\xBF]');
    refuse('corrupt', 'text that is no UTF-8') if length $text =~ s/[\0-\x7F]|[\xC2-\xDF]$more|\xE0[\xA0-\xBF]$more|
        [\xE1-\xEF]$more{2}|\xF0[\x90-\xBF]$more{2}|[\xF1-\xF3]$more{3}|\xF4[\x80-\x8F]$more{2}//gxr;
    $text =~ s/(["\\\0-\x1F])/sprintf '\u%04x', ord $1/ge;
    $text =~ s/\xED([\xA0-\xBF])(.)/sprintf '\u%04x', 0xD000 | (ord($1) & 63) << 6 | ord($2) & 63/gse;
    return qq("$text");
}

sub decompress {    # undef where the compressor is unknown
    my ($coder, $data) = @_;
    return if $coder > 2;
    my ($out, $room, $status, $before) = ($coder ? '' : $data, $limit{text_bytes} + 1);
    if ($coder) {
        my ($stream) = Compress::Raw::Zlib::Inflate->new(
            -WindowBits => $coder == 1 ? 15 : -15, -Bufsize => $room, -LimitOutput => 1, -AppendOutput => 1);
        do { ($before, $status) = (length $out, $stream->inflate($data, $out)) }
            until ($status != Z_OK && $status != Z_BUF_ERROR) || length $out == $before || length $out >= $room;
        refuse('corrupt', 'compressed text') if length $out < $room && ($status != Z_STREAM_END || length $data);
    }
    refuse('over a limit', 'text') if length $out > $limit{text_bytes};
    return $out;
}

sub open_text {
    my ($coder, $payload) = @_;
    my $text = decompress($coder, $payload);
    ($opaque, $end) = (!defined $text, 9e9);
    return if $opaque;
    refuse('not canonical', 'R16') if length $text =~ s/[^\x01]|\x01[\x01\x02]//gsr;
    @strings = map { s/\x01([\x01\x02])/chr(ord($1) - 1)/ger } split /\0/, $text, -1;
    $end = @strings = length $text ? @strings : ('');
}

sub string { return $opaque ? 'null' : quoted($strings[$_[0]]) }

# Bundles and records.

sub delimited {
    my ($anchor, $bits) = @_;
    my ($count, $length, $outer) = (take_size($bits), take_size($bits), $end);
    my $body = $bits->{at} < length $bits->{text} ? substr $bits->{text}, $bits->{at}, $length : '';
    refuse('corrupt', 'a bundle runs past the end') if length $body < $length;
    refuse('not canonical', 'R7') if $body =~ /0\z/;
    refuse('corrupt', 'R14: strings are missing') if $taken + $count > $outer;
    $bits->{at} += $length;
    $end = $taken + $count;
    my $value = bundle($anchor, { text => $body, at => 0, endless => 1 });
    $end = $outer;
    return $value;
}

sub value {    # an element's JSON, and whether it is the default
    my ($element, $bits) = @_;
    my ($kind, $width, $inner) = @$element{qw(kind width inner)};
    return (delimited($inner, $bits), 0) if $kind eq 'group';
    if ($kind eq 'text') {
        refuse('corrupt', 'R14: strings are missing') if $taken >= $end;
        refuse('not canonical', 'R15') if !$opaque && $strings[$taken] eq '';
        return (string($taken++), 0);
    }
    if ($kind =~ /^(list|bytes|string)$/) {
        my $count = $kind eq 'string' ? take($bits, $width) : take_size($bits) + ($kind eq 'list');
        refuse('corrupt', 'out of range') if defined $element->{most} && $count > $element->{most};
        return ([map { delimited($inner, $bits) } 1 .. $count], 0) if $kind eq 'list';
        my $held = pack 'C*', map { take($bits, 8) } 1 .. $count;
        return ('"' . unpack('H*', $held) . '"', !$count) if $kind eq 'bytes' || !$count;
        my $text = decompress($now{$COMPRESSOR}, $held);
        refuse('unsupported', 'the text compressor is unknown') if !defined $text;
        refuse('not canonical', 'R15') if $text eq '';
        return (quoted($text), 0);
    }
    my $number = $kind eq 'number' ? number($element, $bits) : $kind eq 'exp' ? take_exp($bits) : take($bits, $width);
    $number += take_exp($bits) if $kind eq 'enum' && $number == 2**$width - 1;
    refuse('corrupt', 'a code beyond the largest') if $element->{names} && $number > 2039;
    $now{ $element->{path} } = $number;
    my $name = $element->{names} && $element->{names}{$number};
    my $shown = defined $name ? qq("$name") : $element->{type} eq 'bool' ? $BOOL[$number]
        : $element->{type} eq 'float' ? sprintf '%.17g', $number : $number;
    return ($shown, $number == $element->{normal});
}

sub read_element {
    my ($element, $bits, $into) = @_;
    my ($path, $where) = @$element{qw(path where)};
    my $applies = !$where || ($element->{none} xor grep { $_ == $now{$where} } split /, /, $element->{codes});
    $now{$path} = $element->{normal};
    return if $bits->{endless} && (!$applies || ($element->{presence} && !take($bits, 1)));
    my ($value, $is_default) = value($element, $bits);
    refuse('not canonical', "R9: $path") if $is_default && $element->{presence};
    refuse('corrupt', "R10: $path") if !$is_default && !$applies;
    my ($name, $group) = reverse split /\./, $path;
    ($group ? $into->{$group} : $into)->{$name} = $value if !$is_default;
}

sub bundle {
    my ($anchor, $bits, $text, $coder) = @_;
    my $into = {};
    for my $element (@{ table($anchor) }) {
        read_element($element, $bits, $into);
        open_text($now{$COMPRESSOR}, $text) if defined $text && $element->{path} eq $COMPRESSOR;
    }
    my $tail = $bits->{at} < length $bits->{text} ? substr($bits->{text}, $bits->{at}) =~ s/0+\z//r : '';
    if ($tail ne '') {
        my $value = unpack('H*', pack 'B*', '0' x (-length($tail) % 8) . $tail) =~ s/^0+//r;
        my @left = $end < 9e9 ? map { string($_) } $taken .. $end - 1 : ('null');    # nobody knows how many
        $into->{unknown} = { width => length $tail, value => qq("$value"), strings => \@left };
        $taken = $end;
    }
    refuse('corrupt', 'R14: strings are left over') if $taken != $end && ($end < 9e9 || !$taken);
    return $into;
}

sub record {
    my ($bits, $into, $filled) = (shift, {}, 0);
    my $fill = sub { take($bits, -$bits->{at} % 8) && refuse('not canonical', 'R8') };
    for my $element (@{ table('profile-paper') }) {
        $fill->() if $element->{kind} eq 'string' && !$filled++;
        read_element($element, $bits, $into);
    }
    $fill->();
    refuse('unsupported', 'the text compressor is unknown') if $now{$COMPRESSOR} > 2;
    return $into;
}

# The file.

sub take_length {
    my ($data, $at) = @_;
    my ($more, $last) = substr($$data, $$at) =~ /^([\x80-\xFF]{0,8})([\0-\x7F])/
        or refuse('corrupt', 'a length is cut or too long');
    refuse('not canonical', 'R1') if $last eq "\0" && $more ne '';
    $$at += length($more) + 1;
    my $value = 0;
    $value = $value << 7 | ord($_) & 127 for reverse split //, $more . $last;
    return $value;
}

sub read_sections {
    my ($data, $at) = @_;    # without the CRC-32
    my ($counted, @sections) = (4 + length $data);
    while ($at < length $data) {
        my $tag = ord substr $data, $at++, 1;
        my ($id, $last, $critical, $copy) = ($tag & 31, $tag & 32, $tag >> 7, $tag >> 6 & 1);
        my $exp = { text => unpack('B*', substr $data, $at, 8), at => 0 };
        ($id, $at) = (31 + take_exp($exp), $at + $exp->{at} / 8) if $id == 31;
        my $before = @sections ? $sections[-1]{id} : 0;
        refuse('not canonical', 'R2') if $id <= $before || $id > $limit{section_id};
        refuse('over a limit', 'sections') if @sections == $limit{sections};
        refuse('unsupported', 'a critical section is unknown') if $critical && $id > 4;
        refuse('not canonical', 'R4') if $id <= 4 && !($critical == ($id < 4) && $copy == ($id > 1));
        my $length = $last ? length($data) - $at : take_length(\$data, \$at);
        my $room = length($data) - $at;
        refuse('corrupt', 'a section runs past the end') if $length > $room;
        refuse('not canonical', 'R3') if !$last && $length == $room;
        push @sections, { id => $id, critical => $BOOL[$critical], safe_to_copy => $BOOL[$copy] };
        $sections[-1]{payload} = '"' . unpack('H*', substr $data, $at, $length) . '"';
        $at += $length;
        $counted -= $length if $id >= 2 && $id <= 4;
    }
    refuse('over a limit', 'a file too long') if $counted > $limit{file_bytes};
    return @sections;
}

sub decode {
    my $data = shift;
    refuse('corrupt', 'no AIGIF file') if length $data < 9 || $data !~ /^\xA1GIF/;
    refuse('corrupt', 'the CRC-32 is wrong') if crc32(substr $data, 0, -4) != unpack 'V', substr $data, -4;
    my ($version, $at, $value, @sections) = (ord substr($data, 4, 1), 5);
    refuse('unsupported', 'the version or the profile is unknown') if $version != 0x10 && $version != 0x11;
    substr($data, -4) = '';
    (@strings, %now) = ();
    ($taken, $end, $opaque) = (0, 0, 0);
    if ($version == 0x10) {
        my $bits = { text => unpack('B*', substr $data, $at, $limit{file_bytes}), at => 0 };
        $value = record($bits);
        @sections = read_sections($data, $at + $bits->{at} / 8);
    } else {
        my $length = take_length(\$data, \$at);
        refuse('over a limit', 'the root bundle') if $length > $limit{bundle_bytes};
        refuse('corrupt', 'the root bundle runs past the end') if $length > length($data) - $at;
        my $root = substr $data, $at, $length;
        refuse('not canonical', 'R6') if $root =~ /\0\z/;
        @sections = read_sections($data, $at + $length);
        my $text = @sections && $sections[0]{id} == 1 ? (shift @sections)->{payload} : undef;
        my $bits = { text => unpack('B*', $root), at => 0, endless => 1 };
        $value = bundle('profile-compact', $bits, defined $text ? pack 'H*', $text =~ tr/"//dr : undef);
        $value->{opaque_text} = $text if $opaque;
    }
    my $saved = join ' ', grep { $_ < 4 } map { $_->{id} } @sections;
    my $told = join ' ', (2) x $now{'compression.saving_pixels'}, (3) x $now{'compression.saving_model'};
    refuse('corrupt', "R5: the sections $saved, where $told must be") if $saved ne $told;
    $value->{sections} = \@sections if @sections;
    return $value;
}

sub json {
    my $it = shift;
    return '[' . join(', ', map { json($_) } @$it) . ']' if ref $it eq 'ARRAY';
    return '{' . join(', ', map { qq("$_": ) . json($it->{$_}) } sort keys %$it) . '}' if ref $it;
    return $it;
}

$| = 1;
while (<STDIN>) {
    my ($id) = /"id": *("(?:[^"\\]|\\.)*"|\d+)/;
    my %answer = (id => $id // 'null');
    if (/"op": *"hello"/) {
        @answer{qw(name operations profiles)} = ('"Perl"', ['"decode"'], ['"compact"', '"paper"']);
    } else {
        $answer{ok} = eval { decode(/"op": *"decode"/ && /"hex": *"([0-9a-fA-F]*)"/ ? pack 'H*', $1 : '') };
        die $@ if $@ && !ref $@;
        %answer = (%answer{id}, error => qq("$@->{kind}"), message => qq("$@->{message}")) if ref $@;
    }
    print json(\%answer), "\n";
}
