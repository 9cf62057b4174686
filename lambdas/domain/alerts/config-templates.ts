import type { Receiver } from './config-receivers.ts';
import { wrongIn } from './go-template/templates.ts';

/** What of a configuration has texts that are filled in. */
interface Templated {
  readonly receivers: readonly Receiver[];
  readonly template_files: Readonly<Record<string, string>>;
}

interface Wrong {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What is taken as it is, braces and all: where requests go, and what they are sent with. */
const AS_IT_IS =
  /^(?:http_config|tls_config|sigv4|url|api_url|webhook_url|smarthost)$|(?:^|_)(?:secret|password|token|key|file)$/;

const textsIn = (value: unknown, path: readonly PropertyKey[]): (readonly [readonly PropertyKey[], string])[] => {
  if (typeof value === 'string') return value.includes('{{') ? [[path, value]] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    Array.isArray(value)
      ? textsIn(each, [...path, Number(key)])
      : AS_IT_IS.test(key)
        ? []
        : textsIn(each, [...path, key]),
  );
};

const wrongAt = (path: readonly PropertyKey[], name: string, text: string): Wrong[] => {
  const message = wrongIn(name, text);
  return message === undefined ? [] : [{ path, message }];
};

/** Texts and files that are no templates, and where in a configuration. */
export const wrongTemplates = ({ receivers, template_files }: Templated): Wrong[] => [
  ...Object.entries(template_files).flatMap(([name, text]) => wrongAt(['template_files', name], name, text)),
  ...textsIn(receivers, ['receivers']).flatMap(([path, text]) => wrongAt(path, String(path.at(-1)), text)),
];
