import ts from 'typescript';

/** A line that a rule forbids, and by which rule. */
export interface Hit {
  readonly rule: string;
  readonly line: number;
  readonly text: string;
}

/** Looks like a piece of XML or HTML, as a usage line such as `vm show <name>` does not. */
const MARKUP = /<\/[a-z][\w:.-]*>|<[a-z][\w:.-]*\s[^<>]*=|\/>/i;

const textOf = (node: ts.Node): string => (ts.isStringLiteralLike(node) ? node.text : '');

const isConstant = (node: ts.Node | undefined): boolean => node !== undefined && ts.isStringLiteralLike(node);

const isSum = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;

/** The summands of a sum, whatever their number. */
const summandsOf = (node: ts.Node): readonly ts.Node[] =>
  isSum(node) ? [...summandsOf(node.left), ...summandsOf(node.right)] : [node];

const isNamed = (node: ts.Node, ...names: string[]): boolean => ts.isIdentifier(node) && names.includes(node.text);

/** A template of the one tag that escapes what is put in: lambdas/domain/alerts/html.ts. */
const isEscaping = (node: ts.Node): boolean =>
  ts.isTemplateExpression(node) && ts.isTaggedTemplateExpression(node.parent) && isNamed(node.parent.tag, 'html');

/** The text that a template or a whole sum has around what it puts in; empty where nothing is put in. */
const builtText = (node: ts.Node): string => {
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' ');
  }
  if (!isSum(node) || isSum(node.parent)) return '';
  const summands = summandsOf(node);
  return summands.every(isConstant) ? '' : summands.map(textOf).join(' ');
};

/** `-c` and behind it, in the same list, what is no constant. */
const isBuiltScript = (node: ts.Node): boolean =>
  ts.isArrayLiteralExpression(node) &&
  node.elements.some(
    (each, index) =>
      /^-[a-z]*c$/.test(textOf(each)) && index + 1 < node.elements.length && !isConstant(node.elements[index + 1]),
  );

const importsExec = (node: ts.Node): boolean =>
  ts.isImportDeclaration(node) &&
  /^(node:)?child_process$/.test(textOf(node.moduleSpecifier)) &&
  (node.importClause?.namedBindings === undefined ||
    ts.isNamespaceImport(node.importClause.namedBindings) ||
    node.importClause.namedBindings.elements.some(({ name, propertyName }) =>
      /^exec(Sync)?$/.test((propertyName ?? name).getText()),
    ));

/** What no file of ours may hold, whoever wrote it. */
const EVERYWHERE: Readonly<Record<string, (node: ts.Node) => boolean>> = {
  'a shell by exec, or by a name that hides it': importsExec,
  'a shell by an option': (node) =>
    ts.isPropertyAssignment(node) &&
    node.name.getText() === 'shell' &&
    node.initializer.kind !== ts.SyntaxKind.FalseKeyword,
  'text run as code': (node) =>
    (ts.isCallExpression(node) && isNamed(node.expression, 'eval', 'Function')) ||
    (ts.isNewExpression(node) && isNamed(node.expression, 'Function')) ||
    (ts.isCallExpression(node) &&
      isNamed(node.expression, 'setTimeout', 'setInterval') &&
      isConstant(node.arguments[0])),
  'a module for running text': (node) =>
    ts.isImportDeclaration(node) && /^(node:)?vm$/.test(textOf(node.moduleSpecifier)),
};

/** What the product may not hold; tests write documents and scripts of their own. */
const IN_THE_PRODUCT: typeof EVERYWHERE = {
  ...EVERYWHERE,
  'a script that is put together': isBuiltScript,
  'markup by strings': (node) => !isEscaping(node) && MARKUP.test(builtText(node)),
};

/** Every place of a TypeScript or JavaScript file that a rule forbids. */
export const hitsOf = (name: string, text: string, isProduct: boolean): Hit[] => {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const rules = Object.entries(isProduct ? IN_THE_PRODUCT : EVERYWHERE);
  const hits: Hit[] = [];
  const visit = (node: ts.Node): void => {
    for (const [rule, forbids] of rules) {
      if (!forbids(node)) continue;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      hits.push({ rule, line: line + 1, text: node.getText().slice(0, 120) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return hits;
};
