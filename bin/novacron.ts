import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { acknowledge } from '../lib/acknowledged.ts';
import { ConfigFault, readConfig } from '../lib/config.ts';
import { compose } from '../lib/novacron.ts';

try {
  const app = new App();
  compose(app, readConfig(app.node.getAllContext()));
  acknowledge(app);
  // CDK adds its own CloudFormationValidatePlugin by itself.
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigFault)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
