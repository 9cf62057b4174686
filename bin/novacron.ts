import { App, CloudFormationValidatePlugin, type IPolicyValidationPlugin, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { acknowledge } from '../lib/acknowledged.ts';
import { ConfigFault, readConfig } from '../lib/config.ts';
import { compose } from '../lib/novacron.ts';

/** As `cdk synth --no-validation` sets it: a local plane deploys what `npm run synth` has checked. */
const checked = process.env.CDK_VALIDATION !== 'false';

try {
  const app = new App();
  compose(app, readConfig(app.node.getAllContext()));
  acknowledge(app);
  if (checked) {
    // Left to itself CDK runs its own plugin too, but makes warnings of its errors. The class lacks only the
    // `| undefined` that exactOptionalPropertyTypes asks of its interface.
    const templates = new CloudFormationValidatePlugin() as IPolicyValidationPlugin;
    Validations.of(app).addPlugins(templates, new AwsSolutionsChecks(app), new ServerlessChecks(app));
  }
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigFault)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
