/** URLs as Go's net/url reads them, as far as a configuration is refused for one. */
const AUTHORITY = /^(?:[\w.~!$&'()*+,;=%:@-]*@)?(\[[^\]]*\]|[^:[\]]*)(?::\d*)?$/;
/** Within ASCII, what no host has. */
const NO_HOST = /[ \\^`{|}]|%(?![89a-fA-F][\da-fA-F])/;
const isControl = (character: string): boolean => character < ' ' || character === '\u007f';
const BROKEN_ESCAPE = /%(?![\da-fA-F]{2})/;

const hostOf = (authority: string): string => {
  const host = AUTHORITY.exec(authority)?.[1];
  if (host === undefined || (!host.startsWith('[') && NO_HOST.test(host))) throw new Error('invalid host in URL');
  return authority.slice(authority.lastIndexOf('@') + 1);
};

/** The URL, where it is one of http or https with a host. @throws Error saying why it is none */
export const checkedUrl = (text: string): string => {
  if ([...text].some(isControl)) throw new Error('invalid control character in URL');
  const [hierarchy = '', fragment = ''] = text.split(/#(.*)/s);
  const [, scheme = '', authority, path = ''] =
    /^(?:([a-zA-Z][a-zA-Z\d+.-]*):)?(?:\/\/([^/?]*))?([^?]*)/.exec(hierarchy) ?? [];
  if (!/^https?$/i.test(scheme)) throw new Error(`unsupported scheme ${JSON.stringify(scheme)} for URL`);
  if ([path, fragment].some((part) => BROKEN_ESCAPE.test(part))) throw new Error('invalid escape in URL');
  if (!authority || hostOf(authority) === '') throw new Error('missing host for URL');
  return text;
};
