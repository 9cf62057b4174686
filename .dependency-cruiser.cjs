/** Import directions of docs/architecture.md: entry points → domain, store, providers, alerting, analytics, runtime; domain → nothing. */
const from = (path, notTo, comment) => ({
  name: comment.replaceAll(' ', '-'),
  comment,
  severity: 'error',
  from: { path },
  to: { path: notTo },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    from(
      '^lambdas/domain',
      '^lambdas/(api|steps|events|schedules|store|providers|alerting|analytics|runtime)',
      'the domain knows nobody',
    ),
    from(
      '^lambdas/domain',
      '(@aws-sdk|@smithy|aws-cdk-lib|@middy|@aws-lambda-powertools)',
      'the domain imports no AWS',
    ),
    from(
      '^lambdas/store',
      '^lambdas/(api|steps|events|schedules|providers|alerting|analytics)',
      'the store stands on domain and runtime',
    ),
    from(
      '^lambdas/providers',
      '^lambdas/(api|steps|events|schedules|store|alerting|analytics)',
      'providers stand on domain and runtime',
    ),
    from(
      '^lambdas/(api|steps|events|schedules)',
      '^(lib|bin|cli|local|test|bench)',
      'lambdas know no stacks and no tools',
    ),
    from(
      '^(lib|bin)',
      '^(lambdas/(api|steps|events|schedules|store|runtime)|cli|local|test|bench)',
      'stacks import only the domain',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
