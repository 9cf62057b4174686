import fc from 'fast-check';
import type { WrittenData } from './templates.ts';

/** Templates that people write, and that nobody should: each is asked of amtool, too. */
const HAND_WRITTEN = String.raw`
plain
{{ . }}
{{ .Alerts }}
{{ .Receiver }}{{ .Status }}{{ .ExternalURL }}
{{ .Nothing }}
{{ .Receiver.Nothing }}
{{ .CommonLabels.nothing }}|{{ .CommonLabels.alertname }}
{{ .CommonLabels.nothing.more }}
{{ .CommonLabels.SortedPairs }}
{{ .CommonLabels.SortedPairs.Names }}{{ .CommonLabels.SortedPairs.Values }}
{{ .CommonLabels.Names }}{{ .CommonLabels.Values }}
{{ .CommonLabels.Remove .GroupLabels.Names }}
{{ (.CommonLabels.Remove (stringSlice "zone" "vm")).Values | join "," }}
{{ .CommonLabels.Remove "zone" }}
{{ .CommonLabels.Remove nil }}
{{ range .Alerts }}{{ .Labels.vm }},{{ end }}
{{ range .Alerts.Firing }}{{ .Labels.vm }},{{ else }}none{{ end }}
{{ range .Alerts.Resolved }}{{ .Labels.vm }},{{ else }}none{{ end }}
{{ .Alerts.Firing.Firing }}
{{ len .Alerts }} {{ len .Alerts.Firing }} {{ .Alerts.Resolved | len }}
{{ len "é<&>" }}{{ len .CommonLabels }}{{ len 3 }}
{{ len "é<&>" }}
{{ range $i, $a := .Alerts }}{{ $i }}={{ $a.Labels.vm }};{{ end }}
{{ range $k, $v := .CommonLabels }}{{ $k }}={{ $v }};{{ end }}
{{ range $v := .CommonLabels }}{{ $v }};{{ end }}
{{ range .CommonLabels }}{{ . }};{{ end }}
{{ range "abc" }}{{ . }}{{ end }}
{{ range 3 }}{{ . }}{{ end }}
{{ range .Alerts }}{{ break }}{{ end }}x
{{ range $i, $a := .Alerts }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ $i }}{{ end }}
{{ range $i, $a := .Alerts }}{{ if $i }}{{ break }}{{ end }}{{ $i }}{{ else }}none{{ end }}
{{ break }}
{{ range .Alerts }}{{ else }}{{ break }}{{ end }}
{{ if .Alerts }}a{{ else }}b{{ end }}
{{ if .CommonLabels.nothing }}a{{ else if eq .Status "firing" }}b{{ else }}c{{ end }}
{{ if not .Alerts }}a{{ else if .Nothing }}b{{ end }}
{{ if eq .Status "firing" "resolved" }}yes{{ end }}
{{ if eq 1 "1" }}yes{{ end }}
{{ if eq 1 1.0 }}yes{{ end }}
{{ eq .Alerts .Alerts }}
{{ eq nil nil }}{{ eq nil 1 }}
{{ eq .CommonLabels nil }}
{{ eq true true }}{{ ne 1 2 }}{{ ne "a" "a" }}
{{ eq 1 }}
{{ ne 1 2 3 }}
{{ lt 1 2 }}{{ le 1 1 }}{{ gt 2 1 }}{{ ge 1 2 }}{{ lt "a" "b" }}{{ lt "é" "z" }}
{{ lt 1 "a" }}
{{ lt true false }}
{{ lt 1.5 2.5 }}{{ gt 1.5 2.5 }}
{{ le nil nil }}
{{ and 1 0 }}{{ or 0 "" "x" }}{{ and "a" "b" }}{{ or 0 "" }}
{{ and }}
{{ or .Status .Nothing }}
{{ and 0 .Nothing }}
{{ 1 | and 2 }}{{ 0 | or 0 }}
{{ not true }}{{ not 0 }}{{ not "" }}{{ not .Alerts }}
{{ not }}
{{ not 1 2 }}
{{ with .CommonAnnotations.summary }}{{ . }}{{ else }}none{{ end }}
{{ with .CommonAnnotations.nothing }}{{ . }}{{ else }}none{{ end }}
{{ with $x := .Status }}{{ $x }}{{ . }}{{ end }}
{{ with .Status }}{{ $.Receiver }}{{ end }}
{{ with .Status }}a{{ else if .x }}b{{ end }}
{{ with .Status }}a{{ else with .x }}b{{ end }}
{{ $x := 1 }}{{ $x }}{{ $x = 2 }}{{ $x }}
{{ $x = 1 }}
{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}
{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}
{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}
{{ if $x := .Status }}{{ $x }}{{ else }}{{ $x }}{{ end }}
{{ if false }}{{ $x := 2 }}{{ else }}{{ $x }}{{ end }}
{{ $n := 0 }}{{ range .Alerts }}{{ $n = len (printf "%*s" (len (printf "%d" $n)) "") }}{{ end }}{{ $n }}
{{ $a, $b := .Alerts }}
{{ range $a, $b, $c := .Alerts }}{{ end }}
{{ range $a, $b }}{{ end }}
{{ $x := .Alerts }}{{ range $x }}{{ .Status }}{{ end }}
{{ $ }}
{{ $.Receiver }}{{ $ .Receiver }}
{{ $.Receiver }}
{{ index .CommonLabels "alertname" }}{{ index .CommonLabels "nothing" }}|
{{ (index .Alerts 0).Labels.vm }}
{{ (index .Alerts 99).Labels.vm }}
{{ (index .Alerts -1).Labels.vm }}
{{ index .Alerts "0" }}
{{ index "abc" 1 }}{{ printf "%T" (index "abc" 1) }}
{{ index .CommonLabels 0 }}
{{ index nil 0 }}
{{ index .CommonLabels }}
{{ index .Alerts nil }}
{{ index 1 2 }}
{{ index .CommonLabels.SortedPairs 0 }}
{{ (index .CommonLabels.SortedPairs 0).Name }}
{{ slice "abcdef" 1 3 }}{{ slice "abcdef" 2 }}{{ slice "abc" }}{{ slice "abc" 3 }}|
{{ slice "abc" 4 }}
{{ slice "abc" 2 1 }}
{{ slice "abc" 0 1 2 }}
{{ slice .CommonLabels.Names 0 1 }}{{ slice .CommonLabels.Names 1 }}
{{ slice .CommonLabels 1 }}
{{ slice .Alerts 0 1 | len }}
{{ print 1 2 "a" 3 4 "b" "c" nil 5 }}
{{ print }}|{{ println }}|{{ println 1 "a" }}
{{ print true 1.5 2 }}
{{ printf "%s" "a" }}{{ printf "%d" 5 }}{{ printf "%v" .Status }}
{{ printf "%s" 5 }}{{ printf "%d" "a" }}{{ printf "%z" 5 }}{{ printf "%!" }}
{{ printf "%" }}{{ printf "%d" }}{{ printf "" 1 2 }}{{ printf "%d %d" 1 }}
{{ printf "%5d|%-5d|%05d|%+d|% d|%x|%X|%o|%b|%c|%q|%U|%#x|%#o|%O" 42 42 42 42 42 42 42 42 42 42 42 42 42 42 42 }}
{{ printf "%5s|%-5s|%.2s|%q|%x|%X|% x|%#x|%+q|%#q|%05s" "héy" "héy" "héy" "h\"é\n" "héy" "héy" "héy" "héy" "héy" "a" "ab" }}
{{ printf "%f|%.2f|%8.3f|%-8.1f|%08.2f|%+.1f|%e|%.2e|%E|%g|%G|%.3g" 3.14159 3.14159 3.14159 3.14159 3.14159 3.14159 31415.9 31415.9 31415.9 1e21 1e-7 1234567.0 }}
{{ printf "%v %v %v %v %v %v" 1.0 100000.0 1000000.0 123456789.0 1e20 1e21 }}
{{ printf "%v %v %v %v %v" 0.0001 0.00001 0.1 1e100 5e-324 }}
{{ printf "%.0f %.0f %.0f %.0f %.1f %.2f" 0.5 1.5 2.5 3.5 0.25 1.005 }}
{{ printf "%.1g %.2g %.5g %.10g %g" 123.0 123.0 123.0 123.0 0.0 }}
{{ printf "%t %t %v" true false true }}{{ printf "%t" 1 }}{{ printf "%s" true }}{{ printf "%d" true }}
{{ printf "%T %T %T %T %T %T %T" 1 1.5 "a" true .CommonLabels .Alerts .Status }}
{{ printf "%T %T %T" (index .Alerts 0).StartsAt ((index .Alerts 0).EndsAt.Sub (index .Alerts 0).StartsAt) nil }}
{{ printf "%v %+v %s %q" .CommonLabels .CommonLabels .CommonLabels .CommonLabels }}
{{ printf "%#v" .CommonLabels }}{{ printf "%#v" .CommonLabels.Names }}{{ printf "%#v" .CommonLabels.SortedPairs }}
{{ printf "%v %+v" .CommonLabels.SortedPairs .CommonLabels.SortedPairs }}{{ printf "%d" .CommonLabels }}
{{ printf "%#v %#v %#v %#v" 1 "a\n" true 1.5 }}
{{ printf "%v" nil }}{{ printf "%s" nil }}{{ printf "%d" nil }}
{{ printf "%[2]d %[1]d" 1 2 }}{{ printf "%[3]d" 1 2 }}{{ printf "%[x]d" 1 }}{{ printf "%[1]d %d %[1]d" 1 2 }}
{{ printf "%*d|%-*d|%.*f" 5 42 5 42 2 3.14159 }}{{ printf "%*d" "a" 1 }}{{ printf "%*d|" -5 42 }}{{ printf "%.*f" -1 1.5 }}
{{ printf "%%|%5%|%-5%|" }}
{{ printf "%6.2f%%" 12.345 }}{{ printf "%5t|%-7t|" true false }}
{{ printf "%5v|%-5v|%05v" 1 1 1 }}{{ printf "%5v|%q|%x" .CommonLabels.Names .CommonLabels.Names .CommonLabels.Names }}
{{ printf "%d|%5d|%+d|%05d|%x" -42 -42 -42 -42 -42 }}
{{ printf "%.3d|%.0d|%8.3d|%-8.3d|%08.3d" 5 0 5 5 5 }}
{{ printf 5 }}
{{ printf }}
{{ printf "%s %s" .Status }}
{{ printf "%s" .Alerts.Firing }}
{{ printf "%+v|%+d|%+5.1f|%+x|%+q" 1.5 1.5 2 "a" 1.5 }}{{ printf "%05d|%-5d|%.1d" "ab" "ab" "ab" }}{{ urlquery nil }}{{ html nil 1 }}{{ eq .Alerts 1 }}
{{ ne . (index .Alerts 0).StartsAt }}{{ eq .CommonLabels nil }}
{{ "a" | printf "%s %s" "b" }}
{{ 1 }}{{ -1 }}{{ +1 }}{{ 0x1F }}{{ 0b101 }}{{ 0o17 }}{{ 017 }}{{ 1_000 }}{{ 'a' }}{{ '\n' }}{{ 'é' }}
{{ 1.5 }}{{ 1e3 }}{{ .5 }}{{ 1. }}{{ -1.5e-3 }}{{ 1e100 }}
{{ 9223372036854775807 }}{{ -9223372036854775808 }}
{{ 9223372036854775808 }}
{{ 08 }}
{{ 1__0 }}
{{ 1a }}
{{ 'ab' }}
{{ '' }}
{{ "a\tb\"c\\d\x41\u00e9\U0001F600\101" }}
{{ "\xc3\xa9" }}
{{ "a\qb" }}
{{ "open }}
{{ ${'`'}raw "text" \n${'`'} }}
{{ true }}{{ false }}{{ nil }}
{{ true }}{{ false }}
{{ true.x }}
{{ 1.x }}
{{ "a".x }}
{{ nil | print }}
{{ print nil }}
{{ .Status | 1 }}
{{ .Status | "a" }}
{{ .Status .Receiver }}
{{ 1 2 }}
{{ .Status | .Receiver }}
{{ .Status | toUpper | toLower | title }}
{{ "hello WORLD foo-bar foo_bar foo.bar it's o'neil 1st a1b x:y a,b a/b" | title }}
{{ title "école DES mines ǆ ß ŉ" }}{{ toUpper "straße ŉ ǆ" }}{{ toLower "İSTANBUL ΣΑΣ" }}
{{ toUpper 1 }}
{{ toUpper }}
{{ toUpper "a" "b" }}
{{ join "," .CommonLabels.Names }}{{ .CommonLabels.Values | join " " }}
{{ join "," "a" }}
{{ join "," nil }}
{{ join "," (stringSlice "a" "b") }}{{ stringSlice }}{{ stringSlice "a" "b c" }}
{{ stringSlice 1 }}
{{ join "," .Alerts }}
{{ match "^D.*k$" "Disk" }}{{ match "x" "Disk" }}{{ match "is" "Disk" }}
{{ match "(" "Disk" }}
{{ match "(?i)disk" "DISK" }}{{ match "\\d+" "a1" }}{{ match "a{1,2000}" "a" }}
{{ reReplaceAll "a(b+)" "<$1>" "abbbab" }}{{ reReplaceAll "a(?P<n>b)" "${'$'}{n}x$n x$1y$$" "ab" }}
{{ reReplaceAll "a*" "x" "baaac" }}{{ reReplaceAll "" "-" "abc" }}{{ reReplaceAll "^" "> " "a\nb" }}{{ reReplaceAll "(?m)^" "> " "a\nb" }}
{{ reReplaceAll "(" "x" "y" }}
{{ reReplaceAll "b" "é" "abc" }}{{ reReplaceAll "é" "e" "école é" }}{{ reReplaceAll "(.)(.)" "$2$1" "abcd" }}{{ reReplaceAll "x" "$9" "axb" }}
{{ html "<a href=\"x\">'&" }}{{ js "it's \"<b>\"&=\n\té" }}{{ urlquery "a b&c=d/é?~!*'()" }}
{{ html 1 2 "<" }}{{ urlquery 1 "a b" }}{{ js 5 }}
{{ safeHtml "<b>" }}{{ safeHtml "a" | printf "%s %T" }}{{ len (safeHtml "abc") }}
{{ safeHtml "a" | toUpper }}
{{ call 1 }}
{{ call .Status }}
{{ call }}
{{ nothing 1 }}
{{ (index .Alerts 0).StartsAt }}
{{ (index .Alerts 0).StartsAt.Format "2006-01-02T15:04:05.000Z07:00" }}
{{ (index .Alerts 0).StartsAt.Format "Monday Mon January Jan Jane 1 01 2 02 _2 __2 002 3 03 15 4 04 5 05 06 2006 PM pm MST Z0700 -0700 -07 -07:00 -070000 -07:00:00 Z07 .000 .999 ,000000 .9999 _2006 05.00" }}
{{ (index .Alerts 0).StartsAt.Unix }}{{ (index .Alerts 0).StartsAt.UnixMilli }}{{ printf "%T" (index .Alerts 0).StartsAt.Unix }}
{{ (index .Alerts 0).StartsAt.Year }}{{ (index .Alerts 0).StartsAt.Month }}{{ (index .Alerts 0).StartsAt.Weekday }}{{ (index .Alerts 0).StartsAt.YearDay }}
{{ printf "%d %s %v" (index .Alerts 0).StartsAt.Month (index .Alerts 0).StartsAt.Month (index .Alerts 0).StartsAt.Weekday }}
{{ (index .Alerts 0).StartsAt.Hour }}:{{ (index .Alerts 0).StartsAt.Minute }}:{{ (index .Alerts 0).StartsAt.Second }}.{{ (index .Alerts 0).StartsAt.Nanosecond }}
{{ range .Alerts.Resolved }}{{ .EndsAt.Sub .StartsAt }} {{ (.EndsAt.Sub .StartsAt).Seconds }} {{ (.EndsAt.Sub .StartsAt).Minutes }} {{ (.EndsAt.Sub .StartsAt).Hours }}{{ end }}
{{ range .Alerts.Firing }}{{ .EndsAt.Sub .StartsAt }} {{ .EndsAt }} {{ .EndsAt.IsZero }} {{ .StartsAt.Before .EndsAt }} {{ .StartsAt.After .EndsAt }} {{ .StartsAt.Equal .StartsAt }}{{ end }}
{{ (index .Alerts 0).StartsAt.Add 3600000000000 }} {{ (index .Alerts 0).StartsAt.AddDate 0 1 31 }} {{ (index .Alerts 0).StartsAt.Truncate 3600000000000 }} {{ (index .Alerts 0).StartsAt.Round 60000000000 }}
{{ (index .Alerts 0).StartsAt.Add "1h" }}
{{ (index .Alerts 0).StartsAt.Format }}
{{ (index .Alerts 0).StartsAt.Nothing }}
{{ (index .Alerts 0).StartsAt.UTC }}{{ (index .Alerts 0).StartsAt.String }}
{{ eq (index .Alerts 0).StartsAt (index .Alerts 0).StartsAt }}
{{ lt (index .Alerts 0).StartsAt (index .Alerts 0).StartsAt }}
{{ if (index .Alerts 0).EndsAt }}yes{{ end }}
{{ (index .Alerts 0).Labels }}{{ (index .Alerts 0).Annotations.summary }}{{ (index .Alerts 0).GeneratorURL }}{{ (index .Alerts 0).Fingerprint }}
{{ define "a" }}[{{ . }}]{{ end }}{{ template "a" .Status }}{{ template "a" 5 }}
{{ template "a" . }}
{{ template "a" }}{{ define "a" }}[{{ . }}]{{ end }}
{{ template "a" }}{{ define "a" }}[{{ .x }}]{{ end }}
{{ template .Status }}
{{ template "a" . }}{{ define "a" }}{{ template "b" .Status }}{{ end }}{{ define "b" }}({{ . }}){{ end }}
{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}{{ template "a" }}
{{ define "a" }}1{{ end }}{{ define "a" }} {{ end }}{{ template "a" }}
{{ define "a" }} {{ end }}{{ define "a" }}2{{ end }}{{ template "a" }}
{{ if true }}{{ define "a" }}1{{ end }}{{ end }}
{{ define "a" }}
{{ define a }}{{ end }}
{{ block "a" .Status }}<{{ . }}>{{ end }}{{ template "a" 1 }}
{{ block "a" }}x{{ end }}
{{ define "__subject" }}mine{{ end }}{{ template "slack.default.title" . }}
{{ define "__subject" }}{{ end }}{{ template "slack.default.title" . }}
{{ define "a" }}{{ $x }}{{ end }}
{{ $x := 1 }}{{ define "a" }}{{ $x }}{{ end }}
{{ define "a" }}{{ template "a" . }}{{ end }}x
a  {{- " b " -}}  c
a {{-}} b
a {{- -}} b
a {{-3}} b
a {{- 3 }} b {{ 4 -}} c
{{- /* c */ -}} x {{/* c */}} y {{- /* c */}} z
{{/* open }}
{{/* a */ }}
{{ /* a */ }}
{{- if true -}} a {{- else -}} b {{- end -}} c
{{ if true }}
{{ if }}a{{ end }}
{{ end }}
{{ else }}
{{ if true }}{{ else }}{{ else }}{{ end }}
{{ range }}{{ end }}
{{ with }}{{ end }}
{{}}
{{ }}
{{ . | }}
{{ | . }}
{{ ( }}
{{ () }}
{{ (.Status }}
{{ .Status) }}
{{ (.Status) }}{{ (.Status | toUpper) }}{{ ((.Status)) }}
{{ (.CommonLabels).alertname }}{{ (.CommonLabels.SortedPairs).Names }}
{{ (print "a").x }}
{{ (print "a") "b" }}
{{ print (1) (2) }}
{{ print(1) }}
{{ .Status}}{{.Status }}{{.Status}}
{{ .Status"a" }}
{{ print "a""b" }}
{{ ..Status }}
{{ .CommonLabels. alertname }}
{{ .1 }}
{{ ._x }}
{{ $x }}
{{ $1 }}
{{ @ }}
{{ # }}
{{ a.b }}
{{ .a-b }}
{{ len .Alerts | printf "%03d" }}
{{ len .Alerts | eq 2 }}{{ .Alerts | len | lt 1 }}
{{ .Alerts | index 0 }}
{{ 0 | index .Alerts | printf "%T" }}
{{ if and .Alerts (gt (len .Alerts) 1) (eq .Status "firing") }}many{{ end }}
{{ if or (eq .Status "x") (match "fir.*" .Status) }}yes{{ end }}
{{ range .CommonLabels.SortedPairs }}• *{{ .Name | title }}:* ${'`'}{{ .Value }}${'`'}{{ "\n" }}{{ end }}
{{ range .Alerts -}} *Alert:* {{ .Annotations.title }}{{ if .Labels.severity }} - ${'`'}{{ .Labels.severity }}${'`'}{{ end }} {{ end }}
[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] {{ .CommonLabels.alertname }} for {{ .CommonLabels.job }}
{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}
{{ (index .Alerts 0).Annotations.summary | reReplaceAll "\\s+" "_" }}
{{ range $i, $e := .Alerts }}{{ if $i }}, {{ end }}{{ $e.Labels.vm }}{{ end }}
{{ $s := "" }}{{ range .Alerts }}{{ $s = printf "%s%s;" $s .Labels.vm }}{{ end }}{{ $s }}
{{ $f := .Alerts.Firing }}{{ with $f }}{{ len . }} of {{ len $.Alerts }}{{ end }}
{{ .Alerts.Firing | len | print | printf "%5s" }}
{{ printf "%s" (index .Alerts 0).StartsAt }}{{ printf "%v" (index .Alerts 0).StartsAt }}{{ print (index .Alerts 0).StartsAt }}
{{ println (index .Alerts 0).Labels.SortedPairs }}
{{ $d := (index .Alerts 1).EndsAt.Sub (index .Alerts 1).StartsAt }}{{ $d.String }} {{ $d.Milliseconds }} {{ $d.Microseconds }} {{ $d.Nanoseconds }} {{ $d.Abs }} {{ $d.Truncate 3600000000000 }} {{ $d.Round 3600000000000 }} {{ $d.Round 0 }} {{ $d.Truncate 0 }}
{{ $d := (index .Alerts 1).StartsAt.Sub (index .Alerts 1).EndsAt }}{{ $d }} {{ $d.Abs }} {{ $d.Truncate 3600000000000 }} {{ $d.Round 3600000000000 }} {{ $d.Round 7200000000000 }} {{ $d.Minutes }}
{{ $t := (index .Alerts 0).StartsAt }}{{ ($t.Add 1).Sub $t }} {{ ($t.Add 1500).Sub $t }} {{ ($t.Add 1500000).Sub $t }} {{ ($t.Add 1500000000).Sub $t }} {{ ($t.Add 61000000000).Sub $t }} {{ $t.Sub $t }} {{ ($t.AddDate 900 0 0).Sub $t }} {{ ($t.AddDate -900 0 0).Sub $t }}
{{ $t := (index .Alerts 0).StartsAt }}{{ $t.Month.String }} {{ $t.Weekday.String }} {{ $t.UnixMicro }} {{ $t.UnixNano }} {{ $t.Local }} {{ ($t.AddDate -60 0 0).Unix }} {{ ($t.AddDate -60 0 0).Nanosecond }}
{{ $t := (index .Alerts 0).EndsAt }}{{ $t.Year }} {{ $t.YearDay }} {{ $t.Unix }} {{ $t.Weekday }} {{ $t.Truncate 3600000000000 }} {{ $t.Format "06 2006 .999" }}
{{ $t := (index .Alerts 1).EndsAt }}{{ $t.Format "3 03 PM pm .000000 .9 05,999 1st Janu Mond 20060102 __2" }} {{ ($t.Add -43200000000000).Format "3PM 03pm 15" }} {{ $t.Format "Z07:00:00 Z070000 -07:00:00" }}
{{ (index .Alerts 0).StartsAt.Month.Nothing }}
{{ .CommonLabels.SortedPairs.Nothing }}
{{ .CommonLabels.Names.Nothing }}
{{ (index .CommonLabels.SortedPairs 0).Nothing }}
{{ (len .Alerts).Nothing }}
{{ printf "%c|%c|%c" 233 1114112 55296 }}{{ printf "%q|%q|%q|%q" 39 34 10 128512 }}{{ printf "%U|%U" 128512 1 }}{{ printf "%X|%#X|%#b|%#o|% x" 255 255 5 0 255 }}
{{ printf "%t|%s|%d|%c" .CommonLabels.Names 1.5 "x" "y" }}{{ printf "%x|%X|%q|%v" (safeHtml "hé") (safeHtml "h") (safeHtml "h") (safeHtml "h") }}{{ printf "%d" (safeHtml "h") }}{{ printf "%#v" (safeHtml "h") }}
{{ printf "%#v" (index .CommonLabels.SortedPairs 0) }}{{ printf "%+v" (index .CommonLabels.SortedPairs 0) }}{{ printf "%+q|%+q" "é😀" "a" }}{{ printf "%#x|%# x|%x|% X" "hi" "hi" "" "hi" }}{{ printf "%#q|%#q" "a${'`'}b" "a\tb" }}
{{ printf "%s|%d|%x|%q|%v" (index .Alerts 0).StartsAt.Month (index .Alerts 0).StartsAt.Weekday (index .Alerts 0).StartsAt.Month (index .Alerts 0).StartsAt.Weekday (index .Alerts 0).StartsAt.Month }}{{ printf "%t" ((index .Alerts 0).StartsAt.Sub (index .Alerts 0).StartsAt) }}
{{ printf "%g|%G|%e|%.0e|%.3g|%g|%5.1f|%-8g|%+g|% g|%08.3f" 0.00001 1e-10 0.0 12345.0 99999.0 1e300 2.25 1.5 1.5 1.5 -1.5 }}{{ printf "%f|%.10f|%g" 1e22 1e-5 5e-324 }}{{ printf "%z|%+z" 1.5 1.5 }}
{{ eq 1.5 1.5 }}{{ eq (index .Alerts 0).StartsAt (index .Alerts 1).StartsAt }}{{ eq (index .CommonLabels.SortedPairs 0) (index .CommonLabels.SortedPairs 0) }}{{ eq (safeHtml "a") "a" }}
{{ eq (index .CommonLabels.SortedPairs 0) (index .Alerts 0).StartsAt }}{{ eq (index .CommonLabels.SortedPairs 0) "a" }}
{{ lt (safeHtml "a") "b" }}{{ le 1 2 }}{{ ge 2 2 }}{{ gt "b" "a" }}{{ lt 1 nil }}
{{ stringSlice nil }}
{{ (index .Alerts 0).StartsAt.Add 1.5 }}
{{ (index .Alerts 0).StartsAt.AddDate 1 2.0 3 }}
{{ (index .Alerts 0).StartsAt.Sub nil }}
{{ toUpper true }}
{{ toUpper . }}
{{ .Status 1 }}
{{ .CommonLabels.alertname 1 }}
{{ 1 | and }}{{ and .Status 0 | or 1 }}
{{ with $x := .CommonLabels }}{{ $x.alertname }}{{ $x = nil | print }}{{ $x }}{{ end }}
`;

const WITH_LINES = [
  '{{ "a\nb" }}',
  '{{ `raw\nlines` }}',
  '{{\n.Status\n}}',
  '{{ .Status\n| toUpper }}',
  'a\r\n{{- 1 -}}\r\nb',
];

/** One a line, and those that go over lines. */
export const TEMPLATES: readonly string[] = [...HAND_WRITTEN.trim().split('\n'), ...WITH_LINES];

/** HTML: each value where it may come to stand. */
export const HTML_TEMPLATES: readonly string[] = [
  '<p>{{ .CommonLabels.zone }} {{ "a+b \'\\"&" }}</p>',
  '<p title="{{ .CommonLabels.zone }}" class=\'{{ "a\\"\'<b>" }}\'>x</p>',
  '<a href="{{ (index .Alerts 0).GeneratorURL }}">x</a><a href="{{ "javascript:alert(1)" }}">x</a>',
  '<a href="/x?q={{ "a b&c=é/?" }}&r={{ .Status }}#{{ "f g" }}">x</a>',
  '<a href="{{ "http://h/a b?q=é%20%zz&x=[1]" }}">x</a><img src="{{ "HTTPS://h/x" }}"><a href="{{ "mailto:a@b" }}">m</a>',
  '<a href="{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}">x</a>',
  '<a href=" {{ "javascript:x" }}">x</a><a href="x{{ "javascript:x" }}">x</a><form action="{{ "vbscript:x" }}"></form>',
  '<a data-url="{{ "javascript:x" }}" data-x="{{ "javascript:x" }}">x</a>',
  '<p style="color: {{ "red" }}; width: {{ 5 }}px">x</p><p style="color: {{ "expression(alert(1))" }}">x</p>',
  '<p style="{{ "color: red; x: url(javascript:1)" }}">x</p><p style="a: {{ "-moz-binding" }}; b: {{ "a--b" }}">x</p>',
  '<!-- {{ .Status }} -->a<!-- x --> b < c {{ "<" }} d <1 </ e',
  '<title>{{ "<b>&\'" }}</title><textarea>{{ safeHtml "<b>" }}</textarea>',
  '{{ safeHtml "<b>bold</b>" }}<p title="{{ safeHtml "<b>bold</b> & more" }}">x</p>',
  '{{ "<b>" | html }}{{ html "<b>" }}{{ .Nothing }}',
  '{{ nil | print }}|{{ .CommonLabels.nothing }}|{{ 5 }}{{ true }}{{ .CommonLabels }}',
  '{{ if true }}<p title="{{ else }}<p title="x{{ end }}{{ .Status }}">x</p>',
  '<!DOCTYPE html><html><body bgcolor="{{ "#f00" }}"><br/><hr />{{ range .Alerts }}<li>{{ .Labels.vm }}</li>{{ end }}</body></html>',
  '{{ define "a" }}<b>{{ . }}</b>{{ end }}{{ template "a" "<" }}<p title="{{ template "c" "<" }}">x</p>{{ define "c" }}{{ . }}{{ end }}',
  '{{ template "__subject" . }}',
  '{{ template "nothing" . }}',
  '<script>{{ if }}</script>',
];

const ALERT = {
  annotations: { summary: 'full  now', runbook: 'r' },
  startsAt: '2026-11-27T10:00:00.123Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://p/?a=1&b=2',
  fingerprint: 'abc',
};

/** A group of which one alert fires and one is over. */
export const DATA: WrittenData = {
  receiver: 'team',
  status: 'firing',
  alerts: [
    { ...ALERT, status: 'firing', labels: { alertname: 'Disk', vm: 'web-1', zone: 'é<&>' } },
    { ...ALERT, status: 'resolved', labels: { alertname: 'Disk', vm: 'web-2' }, endsAt: '2026-11-27T11:30:00.5Z' },
  ],
  groupLabels: { alertname: 'Disk' },
  commonLabels: { alertname: 'Disk', zone: 'é<&>', vm: '' },
  commonAnnotations: { summary: 'full', b: '' },
  externalURL: 'http://alerts.test',
};

const name = fc.constantFrom('alertname', 'vm', 'zone', 'job', 'a0', 'severity');
const value = fc.constantFrom('Disk', 'web-1', 'é<&>', '', 'a b', '10', '"x"', "it's\nso", '😀');
const texts = fc.dictionary(name, value, { maxKeys: 4 }).map((all) => ({ ...all }));
const instant = fc.constantFrom(
  ...['2026-11-27T10:00:00.123Z', '2026-01-02T03:04:05Z', '1999-12-31T23:59:59.999999999Z', '0001-01-01T00:00:00Z'],
);

/** Data as Alertmanager's would be, and some that it would not. */
export const someData: fc.Arbitrary<WrittenData> = fc.record({
  receiver: fc.constantFrom('team', 'r<1>&.'),
  status: fc.constantFrom('firing', 'resolved'),
  alerts: fc.array(
    fc.record({
      status: fc.constantFrom('firing', 'resolved'),
      labels: texts,
      annotations: texts,
      startsAt: instant,
      endsAt: instant,
      generatorURL: fc.constantFrom('', 'http://p/?a=1&b=2', 'javascript:alert(1)'),
      fingerprint: fc.constantFrom('abc', 'def'),
    }),
    { maxLength: 3 },
  ),
  groupLabels: texts,
  commonLabels: texts,
  commonAnnotations: texts,
  externalURL: fc.constantFrom('http://alerts.test', ''),
});

interface Words {
  readonly text: string;
  readonly int: string;
  readonly bool: string;
  readonly list: string;
  readonly kv: string;
  readonly any: string;
  /** Whatever, given to whatever. */
  readonly wild: string;
}

const PATTERNS = ['"[a-c]+"', '"(.)e"', '"^d?"', '""', '"(?i)DISK"', '`\\s`', '"("'];
const LAYOUTS = ['"%s|%5v"', '"%d %q"', '"%v"', '"%-6v|%+v|%x"', '"%05d|%5.2f|%t"', '"%T"', '"%[2]v%[1]v"', '"%*d"'];

/** What has a value: mostly of the type that is wanted where it stands. */
const { any: expression, bool: condition } = fc.letrec<Words>((tie: fc.LetrecTypedTie<Words>) => {
  const call = (name: string, ...kinds: (keyof Words)[]): fc.Arbitrary<string> =>
    fc.tuple(...kinds.map((kind) => tie(kind))).map((given) => `(${[name, ...given].join(' ')})`);
  const piped = (name: string, kind: keyof Words): fc.Arbitrary<string> =>
    tie(kind).map((given) => `(${given} | ${name})`);
  return {
    text: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(
        '.Status',
        '.Receiver',
        '"a b"',
        '"<é>"',
        '""',
        "`it's`",
        '.CommonLabels.alertname',
        '$.ExternalURL',
        '$x',
      ),
      call('toUpper', 'text'),
      piped('title', 'text'),
      call('join', 'text', 'list'),
      call('index', 'kv', 'text'),
      fc.tuple(fc.constantFrom(...LAYOUTS), tie('any'), tie('any')).map((given) => `(printf ${given.join(' ')})`),
      fc
        .tuple(fc.constantFrom(...PATTERNS), tie('text'), tie('text'))
        .map((given) => `(reReplaceAll ${given.join(' ')})`),
      call('print', 'any', 'any'),
      piped('html', 'any'),
      call('urlquery', 'any'),
      piped('js', 'text'),
      fc.tuple(tie('text'), tie('int')).map(([of, from]) => `(slice ${of} ${from})`),
      tie('wild'),
    ),
    int: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('0', '1', '2', '-3', "'x'", '1e3'),
      call('len', 'text'),
      piped('len', 'list'),
      call('len', 'kv'),
    ),
    bool: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('true', 'false'),
      call('eq', 'text', 'text'),
      call('eq', 'int', 'int', 'int'),
      call('ne', 'any', 'any'),
      ...['lt', 'le', 'gt', 'ge'].map((name) => fc.oneof(call(name, 'int', 'int'), call(name, 'text', 'text'))),
      call('and', 'any', 'bool'),
      call('or', 'bool', 'any'),
      piped('not', 'any'),
      fc.tuple(fc.constantFrom(...PATTERNS), tie('text')).map(([pattern, text]) => `(match ${pattern} ${text})`),
    ),
    list: fc.oneof(
      { depthSize: 'small' },
      tie('kv').map((of) => `${of}.Names`),
      tie('kv').map((of) => `${of}.Values`),
      tie('kv').map((of) => `${of}.SortedPairs.Values`),
      call('stringSlice', 'text', 'text'),
    ),
    kv: fc.oneof(
      { depthSize: 'small', maxDepth: 2 },
      fc.constantFrom('$.CommonLabels', '$.GroupLabels', '$.CommonAnnotations', '(index $.Alerts 0).Labels'),
      fc.tuple(tie('kv'), tie('list')).map(([of, names]) => `(${of}.Remove ${names})`),
    ),
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(
        '.',
        '$',
        '$.Alerts',
        '$.Alerts.Firing',
        '2.5',
        '1e6',
        'nil',
        '(index $.Alerts 0).StartsAt',
        '.Name',
        '$x',
      ),
      tie('text'),
      tie('int'),
      tie('bool'),
      tie('list'),
      tie('kv'),
    ),
    wild: fc
      .tuple(
        fc.constantFrom(
          'and',
          'or',
          'not',
          'len',
          'index',
          'slice',
          'println',
          'printf',
          'eq',
          'lt',
          'toLower',
          'safeHtml',
          'join',
        ),
        fc.array(tie('any'), { maxLength: 3 }),
      )
      .map(([name, given]) => `(${[name, ...given].join(' ')})`),
  };
});

const { statements } = fc.letrec<{ readonly statement: string; readonly statements: string }>((tie) => ({
  statement: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('text', ' \n ', 'é<', '{{ "x" -}} ', ' {{- 1 }}', '{{/* c */}}'),
    expression.map((each) => `{{ ${each} }}`),
    expression.map((each) => `{{ $x := ${each} }}`),
    expression.map((each) => `{{ $x = ${each} }}`),
    fc
      .tuple(
        fc.constantFrom('if', 'with', 'if $x :='),
        fc.oneof(condition, expression),
        tie('statements'),
        tie('statements'),
      )
      .map(([word, of, body, otherwise]) => `{{ ${word} ${of} }}${body}{{ else }}${otherwise}{{ end }}`),
    fc
      .tuple(condition, condition, tie('statements'))
      .map(([first, second, body]) => `{{ if ${first} }}a{{ else if ${second} }}${body}{{ end }}`),
    fc
      .tuple(
        fc.constantFrom('', '$i, $x := ', '$x := '),
        fc.constantFrom(
          '$.Alerts',
          '$.CommonLabels',
          '$.CommonLabels.SortedPairs',
          '$.Alerts.Resolved',
          '$.CommonAnnotations.Names',
        ),
        tie('statements'),
        fc.constantFrom('', '{{ if eq (len $.Receiver) 4 }}{{ break }}{{ end }}', '{{ continue }}lost'),
      )
      .map(([into, of, body, left]) => `{{ range ${into}${of} }}${body}${left}{{ else }}none{{ end }}`),
    expression.map((each) => `{{ template "t" ${each} }}`),
  ),
  statements: fc.array(tie('statement'), { maxLength: 4 }).map((all) => all.join('')),
}));

/** Templates of all kinds of words, many of which fail. */
export const someTemplate: fc.Arbitrary<string> = fc
  .tuple(statements, statements)
  .map(
    ([body, inner]) =>
      `{{ $x := "x" }}${body}{{ define "t" }}({{ $x := 1 }}${inner.replaceAll('{{ template "t"', '{{ template "u"')}){{ end }}{{ define "u" }}[{{ . }}]{{ end }}`,
  );
