// The official JavaScript client against a cloud: client.mjs STORY KUBECONFIG NAMESPACE. Fails with a stack, or prints "STORY ok".
// The package is looked up in the folder that NODE_PATH names.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';

const k8s = createRequire(`${process.env.NODE_PATH}/`)('@kubernetes/client-node');
const [story, kubeconfig, namespace] = process.argv.slice(2);
const config = new k8s.KubeConfig();
config.loadFromFile(kubeconfig);
const core = config.makeApiClient(k8s.CoreV1Api);

const configMap = (name, data) => ({ metadata: { name, labels: { story } }, data });
const statusOf = call => call.then(() => 200, e => e.code);
const seconds = n => new Promise(resolve => setTimeout(resolve, n * 1000));

async function text(stream) {
  let all = '';
  for await (const chunk of stream) all += chunk;
  return all;
}

const stories = {
  async discovery() {
    assert.match((await config.makeApiClient(k8s.VersionApi).getCode()).gitVersion, /^v1\.32\./);
    const groups = (await config.makeApiClient(k8s.ApisApi).getAPIVersions()).groups;
    assert.equal(groups.find(g => g.name === 'apps').preferredVersion.groupVersion, 'apps/v1');
    const review = await config.makeApiClient(k8s.AuthorizationV1Api).createSelfSubjectAccessReview({
      body: { spec: { resourceAttributes: { verb: 'create', resource: 'pods', namespace } } },
    });
    assert.equal(review.status.allowed, true);
  },

  async life() {
    const created = await core.createNamespacedConfigMap({ namespace, body: configMap('js-life', { a: '1' }) });
    assert.deepEqual(created.data, { a: '1' });
    assert.equal(await statusOf(core.createNamespacedConfigMap({ namespace, body: configMap('js-life') })), 409);

    created.data.b = '2';
    await core.replaceNamespacedConfigMap({ namespace, name: 'js-life', body: created });
    assert.equal(await statusOf(core.replaceNamespacedConfigMap({ namespace, name: 'js-life', body: created })), 409);

    const patch = [{ op: 'remove', path: '/data/a' }, { op: 'add', path: '/data/c', value: '3' }];
    assert.deepEqual((await core.patchNamespacedConfigMap({ namespace, name: 'js-life', body: patch })).data, { b: '2', c: '3' });
    const objects = k8s.KubernetesObjectApi.makeApiClient(config);
    const merged = await objects.patch(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'js-life', namespace }, data: { b: null } },
      undefined, undefined, undefined, undefined, k8s.PatchStrategy.MergePatch,
    );
    assert.deepEqual(merged.data, { c: '3' });

    const listed = await core.listNamespacedConfigMap({ namespace, labelSelector: 'story=life' });
    assert.ok(listed.items.some(m => m.metadata.name === 'js-life'));
    await core.deleteNamespacedConfigMap({ namespace, name: 'js-life' });
    assert.equal(await statusOf(core.readNamespacedConfigMap({ namespace, name: 'js-life' })), 404);
  },

  // An informer lists, watches and lists again, as operators written in JavaScript do.
  async informer() {
    const seen = [];
    const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: 'story=informer' });
    const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list, 'story=informer');
    const ended = new Promise((resolve, reject) => {
      for (const event of ['add', 'update', 'delete']) {
        informer.on(event, o => {
          seen.push(`${event} ${o.data.a}`);
          if (event === 'delete') resolve();
        });
      }
      informer.on('error', reject);
    });
    await informer.start();
    await core.createNamespacedConfigMap({ namespace, body: configMap('js-seen', { a: '1' }) });
    await core.patchNamespacedConfigMap({ namespace, name: 'js-seen', body: [{ op: 'replace', path: '/data/a', value: '2' }] });
    await core.deleteNamespacedConfigMap({ namespace, name: 'js-seen' });
    await Promise.race([ended, seconds(20).then(() => { throw new Error(`seen: ${seen}`); })]);
    await informer.stop();
    assert.deepEqual(seen, ['add 1', 'update 2', 'delete 2']);
  },

  async execute() {
    const output = new PassThrough(), errors = new PassThrough(), input = new PassThrough();
    const status = new Promise((resolve, reject) => {
      new k8s.Exec(config)
        .exec(namespace, 'shell', 'tools', ['sh', '-c', 'read x; echo got $x; echo err >&2; exit 3'], output, errors, input, false, resolve)
        .catch(reject);
    });
    input.write('words\n');
    const ended = await status;
    output.end();
    errors.end();
    assert.equal(await text(output), 'got words\n');
    assert.equal(await text(errors), 'err\n');
    assert.equal(ended.reason, 'NonZeroExitCode');
    assert.equal(ended.details.causes.find(c => c.reason === 'ExitCode').message, '3');
    assert.equal(await core.readNamespacedPodLog({ namespace, name: 'shell' }), 'ready\n');
  },
};

await stories[story]();
console.log(story, 'ok');
process.exit(0);
