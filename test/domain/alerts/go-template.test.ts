import { describe, expect, it } from 'vitest';
import { filledTexts, previewedTexts } from '../../../lambdas/domain/alerts/go-template/filled-texts.ts';
import { filledIn, treesOf, wrongIn } from '../../../lambdas/domain/alerts/go-template/templates.ts';
import type { Told } from '../../../lambdas/domain/alerts/notify.ts';
import { newAlert, secondsOff } from '../../support/alerts.ts';
import { DATA, HTML_TEMPLATES, TEMPLATES } from '../../support/template-cases.ts';
import { ours, seen } from '../../support/templates.ts';

/** What is in the snapshot is what Debian's amtool says: test/faults/alertmanager/templates.test.ts compares the two. */
describe('a template says what amtool makes it say', () => {
  it.each([
    ['of text', TEMPLATES, false],
    ['of HTML', HTML_TEMPLATES, true],
  ])('%s', (_, templates, isHtml) => {
    expect(templates.map((text) => ({ text, ...ours(text, DATA, isHtml) }))).toMatchSnapshot();
  });
});

const said = (text: string, files = {}, isHtml = false): string =>
  filledIn({ name: 'title', text, isHtml }, treesOf(files), seen(DATA));

describe('what is wrong is told with its place', () => {
  it.each([
    ['{{ .Status', 'template title, line 1, column 11: an action is not closed: }} is missing'],
    ['a\n{{ if true }}\nb', 'template title, line 3, column 2: the if of line 2 has no end'],
    ['é {{ nothing 1 }}', 'template title, line 1, column 6: there is no function nothing'],
    ['{{ "a }}', 'template title, line 1, column 4: a quote is not closed'],
    ['{{ $x }}', 'template title, line 1, column 4: there is no variable $x'],
    ['{{ end }}', 'template title, line 1, column 4: there is nothing here that end belongs to'],
    ['{{/* a', 'template title, line 1, column 3: a comment is not closed'],
    ['{{ 1i }}', 'template title, line 1, column 4: complex numbers are not known here'],
    [`${'{{ if true }}'.repeat(200)}`, /more than 100 deep$/],
    [`{{ ${'('.repeat(200)} }}`, /more than 100 deep$/],
  ])('%s', (text, why) => {
    expect(wrongIn('title', text)).toEqual(typeof why === 'string' ? why : expect.stringMatching(why));
  });

  it.each([
    ['\n{{ .Status.x }}', 'template title, line 2, column 4: a string has no x'],
    ['{{ toUpper 1 }}', 'template title, line 1, column 12: a string is wanted here'],
    ['{{ template "none" . }}', 'template title, line 1, column 4: there is no template "none"'],
    ['{{ index .Alerts 9 }}', 'template title, line 1, column 4: index 9 is out of range: there are 2'],
    ['{{ match "(" "a" }}', /line 1, column 4: error parsing regexp: missing closing \)/],
    ['{{ printf "%x" 1.5 }}', 'template title, line 1, column 4: %x of a fraction is not known here'],
  ])('%s', (text, why) => {
    expect(() => said(text)).toThrow(why);
  });

  it('of another template by its own name and place', () => {
    expect(() =>
      said('{{ template "mine" . }}', { 'a.tmpl': 'x\n {{ define "mine" }}{{ .Nothing }}{{ end }}' }),
    ).toThrow('template mine, line 2, column 24: a template.Data has no Nothing');
  });
});

describe('a template ends', () => {
  it.each([
    ['that names itself', '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}', /more than 60 deep/],
    [
      'that becomes ever longer',
      `{{ $x := "0123456789" }}${'{{ $x = print $x $x }}'.repeat(40)}{{ $x }}`,
      /longer|steps/,
    ],
    ['that goes on and on', `${'{{ range $.CommonLabels }}'.repeat(20)}x${'{{ end }}'.repeat(20)}`, /longer|steps/],
    ['that is wide', '{{ range .Alerts }}{{ printf "%1000000d" 1 }}{{ end }}', /longer|steps/],
    [
      'that doubles itself',
      `${[...'abcdefghijklmnopqrst'].map((x, at, all) => `{{ define "${x}" }}{{ template "${all[at + 1] ?? 'end'}" . }}{{ template "${all[at + 1] ?? 'end'}" . }}{{ end }}`).join('')}{{ define "end" }}{{ end }}{{ template "a" . }}`,
      /steps/,
    ],
  ])('%s', (_, text, why) => {
    expect(() => said(text)).toThrow(why);
  });
});

it('reaches nothing but what it is given', () => {
  for (const name of ['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty']) {
    expect(() => said(`{{ .${name} }}`)).toThrow(`has no ${name}`);
    expect(said(`{{ .CommonLabels.${name} }}|{{ index .CommonLabels "${name}" }}`)).toBe('|');
    expect(() => said(`{{ (index .Alerts 0).StartsAt.${name} }}`)).toThrow(`has no ${name}`);
    expect(() => said(`{{ ${name} }}`)).toThrow(`there is no function ${name}`);
  }
});

describe('HTML has no place for a value', () => {
  it.each([
    ['within a tag', '<p {{ .Status }}="x">'],
    ['in an attribute without quotes', '<p title={{ .Status }}>'],
    ['in a script', '<script>var x = {{ .Status }}</script>'],
    ['in an attribute that is a script', '<p onclick="{{ .Status }}">'],
    ['in a URL of a style', '<p style="background: url({{ .Status }})">'],
    ['in an attribute of several URLs', '<img srcset="{{ .Status }}">'],
  ])('%s', (_, text) => {
    expect(() => said(text, {}, true)).toThrow('a value has no place');
  });
});

it('spaces are taken off both ends, as later versions of Alertmanager have it', () => {
  expect(said('{{ trimSpace " \\t\\u00a0\\u0085a b\\n" }}|{{ .Status | trimSpace }}')).toBe('a b|firing');
});

it("Alertmanager's own template of mails is one of ours", () => {
  expect(said('{{ template "email.default.html" . }}', {}, true)).toMatchSnapshot();
});

describe('texts of a receiver', () => {
  const told: Told = {
    receiver: 'team',
    groupKey: '{}',
    groupLabels: { alertname: 'X' },
    alerts: [newAlert({ labels: { alertname: 'X', a: '<1>' } }), newAlert({ endsAt: secondsOff(-1) })],
    at: Date.parse(secondsOff(0)),
    externalURL: 'https://api.example.org',
  };
  const spec = {
    texts: {
      title: '{{ .Status }} {{ len .Alerts.Resolved }}',
      text: '{{ .Nothing }}',
      plain: 'as it } is',
      html: '<p>{{ (index .Alerts 0).Labels.a }}',
    },
    fields: [
      { title: '{{ template "mine" . }}', short: true },
      { title: '{{ index .Alerts 7 }}', value: 'v' },
    ],
    list: ['{{ .Receiver }}', '{{ .Nothing }}'],
  };
  const files = { 'mine.tmpl': '{{ define "mine" }}{{ (index .Alerts 1).EndsAt.Format "15:04:05" }}{{ end }}' };

  it('are filled in at any depth; one that fails is left out, and the others are told', () => {
    expect(filledTexts(spec, told, files)).toEqual({
      texts: {
        texts: { title: 'firing 1', plain: 'as it } is', html: '<p>&lt;1&gt;' },
        fields: [{ title: '09:59:59', short: true }, { value: 'v' }],
        list: ['team'],
      },
      wrong: [
        'template text, line 1, column 4: a template.Data has no Nothing',
        'template title, line 1, column 4: index 7 is out of range: there are 2',
        'template list, line 1, column 4: a template.Data has no Nothing',
      ],
    });
  });

  it('are shown one by one', () => {
    expect(previewedTexts(spec, told, files)).toContainEqual({ field: 'texts.title', text: 'firing 1' });
    expect(previewedTexts(spec, told, files)).toContainEqual({
      field: 'fields.1.title',
      wrong: 'template title, line 1, column 4: index 7 is out of range: there are 2',
    });
  });
});
