// An operator in JavaScript: for every Website it keeps a page, a server and an address, and says in its status how far it is.
// Of its instances one leads, by a Lease, and the others wait to take over.
import { createServer } from 'node:http';
import * as k8s from '@kubernetes/client-node';

const group = 'example.com', version = 'v1', plural = 'websites', finalizer = 'example.com/directory';
const namespace = process.env.NAMESPACE, me = process.env.POD_NAME, lease = 'website-operator', leaseSeconds = 4;

const config = new k8s.KubeConfig();
config.loadFromCluster();
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const custom = config.makeApiClient(k8s.CustomObjectsApi);
const coordination = config.makeApiClient(k8s.CoordinationV1Api);
const objects = k8s.KubernetesObjectApi.makeApiClient(config);

const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
const isGone = e => e.code === 404;
const ignoring = (is, e) => { if (!is(e)) throw e; };
const mergePatch = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch);

// What a website stands for: pure, so that it can be read at a glance.
function desired(site) {
  const { name, uid } = site.metadata;
  const labels = { 'example.com/website': name };
  const owned = {
    name, namespace, labels,
    ownerReferences: [{ apiVersion: `${group}/${version}`, kind: 'Website', name, uid, controller: true, blockOwnerDeletion: true }],
  };
  const page = { 'index.html': `<title>${site.spec.title}</title>`, 'nginx.conf': nginx };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: owned, data: page },
    { apiVersion: 'v1', kind: 'Service', metadata: owned, spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] } },
    {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: owned,
      spec: {
        replicas: site.spec.replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, runAsUser: 101, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [{
              name: 'nginx',
              image: 'nginxinc/nginx-unprivileged:1.22',
              command: ['nginx', '-c', '/etc/web/nginx.conf', '-g', 'daemon off;'],
              readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'web', mountPath: '/etc/web' }],
            }],
            volumes: [{ name: 'web', configMap: { name } }],
          },
        },
      },
    },
  ];
}

const nginx = `pid /tmp/nginx.pid;
error_log /dev/stderr warn;
worker_processes 1;
events {}
http {
  access_log off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server { listen 8080; root /etc/web; }
}
`;

async function reconcile(name) {
  const site = await custom.getNamespacedCustomObject({ group, version, namespace, plural, name }).catch(e => ignoring(isGone, e));
  if (!site) return;
  const finalizers = site.metadata.finalizers ?? [];
  if (site.metadata.deletionTimestamp) {
    if (!finalizers.includes(finalizer)) return;
    await directory({ [name]: null });
    await patch(site, { metadata: { resourceVersion: site.metadata.resourceVersion, finalizers: finalizers.filter(f => f !== finalizer) } });
    return;
  }

  // First the promise to clean up, then what must be cleaned up: the directory is nobody's child.
  if (!finalizers.includes(finalizer)) {
    await patch(site, { metadata: { resourceVersion: site.metadata.resourceVersion, finalizers: [...finalizers, finalizer] } });
  }
  await directory({ [name]: site.spec.title });
  for (const wanted of desired(site)) {
    await objects.patch(wanted, undefined, undefined, 'website-operator', true, k8s.PatchStrategy.ServerSideApply);
  }

  const ready = (await apps.readNamespacedDeployment({ name, namespace })).status.readyReplicas ?? 0;
  const status = { phase: ready >= site.spec.replicas ? 'Ready' : 'Starting', readyReplicas: ready, observedGeneration: site.metadata.generation };
  if (JSON.stringify(status) !== JSON.stringify({ phase: site.status?.phase, readyReplicas: site.status?.readyReplicas, observedGeneration: site.status?.observedGeneration })) {
    await custom.patchNamespacedCustomObjectStatus({ group, version, namespace, plural, name, body: { status } }, mergePatch);
  }
}

const patch = (site, body) =>
  custom.patchNamespacedCustomObject({ group, version, namespace, plural, name: site.metadata.name, body }, mergePatch);

const directory = data => objects.patch(
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'directory', namespace }, data },
  undefined, undefined, undefined, undefined, k8s.PatchStrategy.MergePatch);

// One key at a time; what fails is tried again, later each time.
const queue = new Map();
const due = (name, wait = 0, failures = 0) => queue.set(name, { at: Date.now() + wait, failures });
async function work() {
  for (;;) {
    const next = [...queue].find(([, entry]) => entry.at <= Date.now());
    if (!next) { await sleep(50); continue; }
    const [name, { failures }] = next;
    queue.delete(name);
    await reconcile(name).catch(e => {
      console.error(name, e.message);
      if (!queue.has(name)) due(name, Math.min(200 * 2 ** failures, 5000), failures + 1);
    });
  }
}

async function follow(path, list, nameOf) {
  const informer = k8s.makeInformer(config, path, list);
  for (const event of ['add', 'update', 'delete']) informer.on(event, o => nameOf(o) && due(nameOf(o)));
  informer.on('error', async e => { console.error(path, e.message); await sleep(500); start(); });
  const start = () => informer.start().catch(async e => { console.error(path, e.message); await sleep(500); start(); });
  await start();
}

// Takes the lease when it is free or its holder has not renewed it, and ends the process rather than act without it.
let leads = false;
async function elect() {
  for (let last = Date.now(); ; await sleep(leaseSeconds * 250)) {
    try {
      const now = new k8s.V1MicroTime();
      const current = await coordination.readNamespacedLease({ name: lease, namespace }).catch(e => ignoring(isGone, e));
      const free = !current?.spec.holderIdentity || Date.now() - Date.parse(current.spec.renewTime) > current.spec.leaseDurationSeconds * 1000;
      if (current?.spec.holderIdentity === me || free) {
        const mine = current?.spec.holderIdentity === me;
        const spec = {
          holderIdentity: me, leaseDurationSeconds: leaseSeconds, renewTime: now,
          acquireTime: mine ? current.spec.acquireTime : now, leaseTransitions: (current?.spec.leaseTransitions ?? -1) + (mine ? 0 : 1),
        };
        const body = { ...current, metadata: { ...current?.metadata, name: lease, namespace }, spec };
        await (current ? coordination.replaceNamespacedLease({ name: lease, namespace, body }) : coordination.createNamespacedLease({ namespace, body }));
        last = Date.now();
        if (!leads) await begin();
      } else if (leads) {
        process.exit(1);
      }
    } catch (e) {
      console.error('lease', e.message);
      if (leads && Date.now() - last > leaseSeconds * 1000) process.exit(1);
    }
  }
}

async function begin() {
  leads = true;
  console.log('leading');
  await core.readNamespacedConfigMap({ name: 'directory', namespace }).catch(async e => {
    ignoring(isGone, e);
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'directory' } } });
  });
  await follow(`/apis/${group}/${version}/namespaces/${namespace}/${plural}`,
    () => custom.listNamespacedCustomObject({ group, version, namespace, plural }), o => o.metadata.name);
  await follow(`/apis/apps/v1/namespaces/${namespace}/deployments`,
    () => apps.listNamespacedDeployment({ namespace }), o => o.metadata.labels?.['example.com/website']);
  work();
}

// Whoever leads says that it leaves, so that nobody waits for the lease to run out.
process.on('SIGTERM', async () => {
  if (leads) {
    const body = await coordination.readNamespacedLease({ name: lease, namespace }).catch(() => null);
    if (body?.spec.holderIdentity === me) {
      body.spec.holderIdentity = '';
      await coordination.replaceNamespacedLease({ name: lease, namespace, body }).catch(e => console.error('lease', e.message));
    }
  }
  process.exit(0);
});

createServer((request, response) => response.end(request.url === '/metrics' ? `website_operator_leads ${leads ? 1 : 0}\n` : 'ok\n')).listen(8081);
elect();
