using Sealos.ApiServer.Printing;
using Sealos.Objects.Schema;
using Xunit;

namespace Sealos.ApiServer.Tests.Printing;

public sealed class KindPrintersTests
{
    private const string Template = "template: {spec: {containers: [{name: a, image: x:1}, {name: b, image: 'y:2'}]}}";

    [Theory]
    [InlineData("{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 3, selector: {matchLabels: {b: '2', a: '1'}}, " + Template + "}, status: {readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2}}", "x | 2/3 | 1 | 2 | 60m | a,b | x:1,y:2 | a=1,b=2")]
    [InlineData("{apiVersion: apps/v1, kind: Deployment}", "x | 0/0 | 0 | 0 | 60m |  |  | <none>")]
    [InlineData("{apiVersion: apps/v1, kind: ReplicaSet, spec: {replicas: 3, selector: {matchExpressions: [{key: a, operator: In, values: [c, b]}]}, " + Template + "}, status: {replicas: 2, readyReplicas: 1}}", "x | 3 | 2 | 1 | 60m | a,b | x:1,y:2 | a in (b,c)")]
    [InlineData("{apiVersion: v1, kind: ReplicationController, spec: {replicas: 1, selector: {a: b}, " + Template + "}}", "x | 1 | 0 | 0 | 60m | a,b | x:1,y:2 | a=b")]
    [InlineData("{apiVersion: apps/v1, kind: StatefulSet, spec: {replicas: 2, " + Template + "}, status: {readyReplicas: 1}}", "x | 1/2 | 60m | a,b | x:1,y:2")]
    [InlineData("{apiVersion: apps/v1, kind: DaemonSet, spec: {" + Template + "}, status: {desiredNumberScheduled: 1, currentNumberScheduled: 2, numberReady: 3, updatedNumberScheduled: 4, numberAvailable: 5}}", "x | 1 | 2 | 3 | 4 | 5 | <none> | 60m | a,b | x:1,y:2 | <none>")]
    [InlineData("{apiVersion: batch/v1, kind: Job, spec: {completions: 2, " + Template + "}, status: {succeeded: 1, startTime: '2026-11-22T12:58:00Z'}}", "x | Running | 1/2 | 2m | 60m | a,b | x:1,y:2 | <none>")]
    [InlineData("{apiVersion: batch/v1, kind: Job, spec: {parallelism: 3}, status: {startTime: '2026-11-22T12:00:00Z', completionTime: '2026-11-22T12:00:09Z', conditions: [{type: Complete, status: 'True'}]}}", "x | Complete | 0/1 of 3 | 9s | 60m |  |  | <none>")]
    [InlineData("{apiVersion: batch/v1, kind: Job, spec: {}, status: {conditions: [{type: Failed, status: 'True'}]}}", "x | Failed | 0/1 |  | 60m |  |  | <none>")]
    [InlineData("{apiVersion: batch/v1, kind: Job, spec: {}, status: {conditions: [{type: Suspended, status: 'True'}]}}", "x | Suspended | 0/1 |  | 60m |  |  | <none>")]
    [InlineData("{apiVersion: batch/v1, kind: CronJob, spec: {schedule: '* * * * *', suspend: false}, status: {active: [{}], lastScheduleTime: '2026-11-22T12:59:30Z'}}", "x | * * * * * | <none> | False | 1 | 30s | 60m |  |  | <none>")]
    [InlineData("{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: x, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: s, controller: true}]}, revision: 3}", "x | statefulset.apps/s | 3 | 60m")]
    [InlineData("{apiVersion: v1, kind: PodTemplate, " + Template + "}", "x | a,b | x:1,y:2 | <none>")]
    public void Cells_Workloads_TellTheirCounts(string yaml, string expected) => Assert.Equal(expected, PrintSample.Print(PrintSample.Yaml(yaml)));

    [Theory]
    [InlineData("{apiVersion: v1, kind: Service, spec: {type: ClusterIP, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ports: [{port: 80, protocol: TCP}, {port: 53, protocol: UDP}], selector: {a: b}}}", "x | ClusterIP | 10.0.0.1 | <none> | 80/TCP,53/UDP | 60m | a=b")]
    [InlineData("{apiVersion: v1, kind: Service, spec: {type: NodePort, clusterIP: 10.0.0.1, externalIPs: [1.1.1.1], ports: [{port: 80, nodePort: 30080, protocol: TCP}]}}", "x | NodePort | 10.0.0.1 | 1.1.1.1 | 80:30080/TCP | 60m | <none>")]
    [InlineData("{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, clusterIP: 10.0.0.1}}", "x | LoadBalancer | 10.0.0.1 | <pending> | <none> | 60m | <none>")]
    [InlineData("{apiVersion: v1, kind: Service, spec: {type: LoadBalancer, clusterIP: 10.0.0.1}, status: {loadBalancer: {ingress: [{ip: 1.1.1.1}, {hostname: h}]}}}", "x | LoadBalancer | 10.0.0.1 | 1.1.1.1,h | <none> | 60m | <none>")]
    [InlineData("{apiVersion: v1, kind: Service, spec: {type: ExternalName, externalName: a.b}}", "x | ExternalName | <none> | a.b | <none> | 60m | <none>")]
    [InlineData("{apiVersion: v1, kind: Service, spec: {type: ClusterIP, clusterIP: None}}", "x | ClusterIP | None | <none> | <none> | 60m | <none>")]
    [InlineData("{apiVersion: v1, kind: Endpoints, subsets: [{addresses: [{ip: 10.0.0.1}, {ip: 10.0.0.2}], ports: [{port: 80}, {port: 81}]}]}", "x | 10.0.0.1:80,10.0.0.1:81,10.0.0.2:80 + 1 more... | 60m")]
    [InlineData("{apiVersion: v1, kind: Endpoints}", "x | <none> | 60m")]
    [InlineData("{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, ports: [{port: 80}], endpoints: [{addresses: [10.0.0.1]}]}", "x | IPv4 | 80 | 10.0.0.1 | 60m")]
    [InlineData("{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4}", "x | IPv4 | <unset> | <unset> | 60m")]
    [InlineData("{apiVersion: networking.k8s.io/v1, kind: Ingress, spec: {ingressClassName: c, tls: [{}], rules: [{host: a}, {}, {host: c}, {host: d}]}, status: {loadBalancer: {ingress: [{ip: 1.1.1.1}]}}}", "x | c | a,*,c + 1 more... | 1.1.1.1 | 80, 443 | 60m")]
    [InlineData("{apiVersion: networking.k8s.io/v1, kind: Ingress, spec: {}}", "x | <none> | * |  | 80 | 60m")]
    [InlineData("{apiVersion: networking.k8s.io/v1, kind: IngressClass, spec: {controller: a/b, parameters: {apiGroup: g, kind: K, name: 'n'}}}", "x | a/b | K.g/n | 60m")]
    [InlineData("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {matchLabels: {a: b}}}}", "x | a=b | 60m")]
    public void Cells_NetworkKinds_TellTheirAddresses(string yaml, string expected) => Assert.Equal(expected, PrintSample.Print(PrintSample.Yaml(yaml)));

    [Theory]
    [InlineData("{apiVersion: v1, kind: Node, metadata: {name: x, labels: {node-role.kubernetes.io/worker: '', node-role.kubernetes.io/control-plane: ''}}, spec: {unschedulable: true}, status: {conditions: [{type: Ready, status: 'True'}], addresses: [{type: InternalIP, address: 10.0.0.1}], nodeInfo: {kubeletVersion: v1.32.0, osImage: Debian, kernelVersion: '6', containerRuntimeVersion: 'containerd://1'}}}", "x | Ready,SchedulingDisabled | control-plane,worker | 60m | v1.32.0 | 10.0.0.1 | <none> | Debian | 6 | containerd://1")]
    [InlineData("{apiVersion: v1, kind: Node, status: {conditions: [{type: Ready, status: Unknown}]}}", "x | NotReady | <none> | 60m |  | <none> | <none> | <unknown> | <unknown> | <unknown>")]
    [InlineData("{apiVersion: v1, kind: Node}", "x | Unknown | <none> | 60m |  | <none> | <none> | <unknown> | <unknown> | <unknown>")]
    [InlineData("{apiVersion: v1, kind: Namespace, status: {phase: Active}}", "x | Active | 60m")]
    [InlineData("{apiVersion: v1, kind: Secret, type: Opaque, data: {a: Yg==, b: Yg==}}", "x | Opaque | 2 | 60m")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, data: {a: b}, binaryData: {c: Yg==}}", "x | 2 | 60m")]
    [InlineData("{apiVersion: v1, kind: ServiceAccount}", "x | 0 | 60m")]
    [InlineData("{apiVersion: v1, kind: Event, type: Warning, reason: R, message: ' m ', involvedObject: {kind: Pod, name: p, fieldPath: f}, source: {component: kubelet, host: h}, firstTimestamp: '2026-11-22T12:50:00Z', lastTimestamp: '2026-11-22T12:59:00Z', count: 3}", "60s | Warning | R | pod/p | f | kubelet, h | m | 10m | 3 | x")]
    [InlineData("{apiVersion: v1, kind: Event, type: Normal, reason: R, involvedObject: {kind: Node, name: 'n'}, reportingComponent: c, reportingInstance: i, eventTime: '2026-11-22T12:59:00.000000Z'}", "60s | Normal | R | node/n |  | c, i |  | 60s | 1 | x")]
    [InlineData("{apiVersion: events.k8s.io/v1, kind: Event, type: Normal, reason: R, note: 'n', regarding: {kind: Pod, name: p}, reportingController: c, eventTime: '2026-11-22T12:50:00.000000Z', series: {count: 7, lastObservedTime: '2026-11-22T12:59:50.000000Z'}}", "10s | Normal | R | pod/p |  | c | n | 10m | 7 | x")]
    [InlineData("{apiVersion: v1, kind: PersistentVolumeClaim, spec: {volumeName: v, storageClassName: s, volumeMode: Filesystem}, status: {phase: Bound, capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce, ReadOnlyMany]}}", "x | Bound | v | 1Gi | RWO,ROX | s | <unset> | 60m | Filesystem")]
    [InlineData("{apiVersion: v1, kind: PersistentVolumeClaim, spec: {}, status: {phase: Pending}}", "x | Pending |  |  |  |  | <unset> | 60m | <unset>")]
    [InlineData("{apiVersion: v1, kind: PersistentVolume, spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteMany], persistentVolumeReclaimPolicy: Retain, claimRef: {namespace: 'ns', name: c}, storageClassName: s, volumeMode: Block}, status: {phase: Bound}}", "x | 1Gi | RWX | Retain | Bound | ns/c | s | <unset> |  | 60m | Block")]
    [InlineData("{apiVersion: v1, kind: ResourceQuota, status: {hard: {pods: '2', limits.cpu: '1', requests.cpu: '1'}, used: {pods: '1', requests.cpu: 500m}}}", "x | 60m | pods: 1/2, requests.cpu: 500m/1 | limits.cpu: 0/1")]
    [InlineData("{apiVersion: v1, kind: LimitRange}", "x | 2026-11-22T12:00:00Z")]
    [InlineData("{apiVersion: v1, kind: ComponentStatus, conditions: [{type: Healthy, status: 'True', message: ok}]}", "x | Healthy | ok | ")]
    public void Cells_CoreKinds_TellTheirState(string yaml, string expected) => Assert.Equal(expected, PrintSample.Print(PrintSample.Yaml(yaml)));

    [Theory]
    [InlineData("{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, roleRef: {kind: ClusterRole, name: view}, subjects: [{kind: User, name: u}, {kind: User, name: v}, {kind: Group, name: g}, {kind: ServiceAccount, namespace: 'ns', name: s}]}", "x | ClusterRole/view | 60m | u, v | g | ns/s")]
    [InlineData("{apiVersion: rbac.authorization.k8s.io/v1, kind: Role}", "x | 2026-11-22T12:00:00Z")]
    [InlineData("{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: x, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}, provisioner: p, reclaimPolicy: Retain, volumeBindingMode: Immediate}", "x (default) | p | Retain | Immediate | false | 60m")]
    [InlineData("{apiVersion: storage.k8s.io/v1, kind: CSIDriver, spec: {attachRequired: false, volumeLifecycleModes: [Persistent]}}", "x | false | false | false | <unset> | false | Persistent | 60m")]
    [InlineData("{apiVersion: storage.k8s.io/v1, kind: CSINode, spec: {drivers: [{}]}}", "x | 1 | 60m")]
    [InlineData("{apiVersion: storage.k8s.io/v1, kind: VolumeAttachment, spec: {attacher: a, nodeName: 'n', source: {persistentVolumeName: p}}, status: {attached: true}}", "x | a | p | n | true | 60m")]
    [InlineData("{apiVersion: policy/v1, kind: PodDisruptionBudget, spec: {minAvailable: 50%}, status: {disruptionsAllowed: 1}}", "x | 50% | N/A | 1 | 60m")]
    [InlineData("{apiVersion: coordination.k8s.io/v1, kind: Lease, spec: {holderIdentity: me}}", "x | me | 60m")]
    [InlineData("{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, value: 5, globalDefault: true, preemptionPolicy: Never}", "x | 5 | true | 60m | Never")]
    [InlineData("{apiVersion: node.k8s.io/v1, kind: RuntimeClass, handler: runsc}", "x | runsc | 60m")]
    [InlineData("{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, webhooks: [{}, {}]}", "x | 2 | 60m")]
    [InlineData("{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, spec: {validations: [{}], paramKind: {apiVersion: v1, kind: ConfigMap}}}", "x | 1 | v1/ConfigMap | 60m")]
    [InlineData("{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, spec: {policyName: p, paramRef: {name: 'n'}}}", "x | p | */n | 60m")]
    [InlineData("{apiVersion: apiregistration.k8s.io/v1, kind: APIService, spec: {service: {namespace: 'ns', name: s}}, status: {conditions: [{type: Available, status: 'False', reason: ServiceNotFound}]}}", "x | ns/s | False (ServiceNotFound) | 60m")]
    [InlineData("{apiVersion: apiregistration.k8s.io/v1, kind: APIService, spec: {}, status: {conditions: [{type: Available, status: 'True', reason: Local}]}}", "x | Local | True | 60m")]
    [InlineData("{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, spec: {signerName: s, username: u, expirationSeconds: 3600}, status: {certificate: Yg==, conditions: [{type: Approved, status: 'True'}]}}", "x | 60m | s | u | 60m | Approved,Issued")]
    [InlineData("{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, spec: {signerName: s, username: u}}", "x | 60m | s | u | <none> | Pending")]
    [InlineData("{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, spec: {minReplicas: 1, maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: d}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}, status: {currentReplicas: 2, currentMetrics: [{type: Resource, resource: {name: cpu, current: {averageUtilization: 10}}}]}}", "x | Deployment/d | cpu: 10%/80% | 1 | 3 | 2 | 60m")]
    [InlineData("{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: d}, metrics: [{type: Pods, pods: {target: {averageValue: '5'}}}, {type: External, external: {target: {value: '9'}}}, {type: Resource, resource: {name: memory, target: {averageValue: 1Gi}}}]}}", "x | Deployment/d | <unknown>/5, <unknown>/9 + 1 more... | <unset> | 3 | 0 | 60m")]
    [InlineData("{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, spec: {maxReplicas: 3, targetCPUUtilizationPercentage: 50, scaleTargetRef: {kind: Deployment, name: d}}}", "x | Deployment/d | cpu: <unknown>/50% | <unset> | 3 | 0 | 60m")]
    [InlineData("{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, spec: {matchingPrecedence: 9, priorityLevelConfiguration: {name: p}, distinguisherMethod: {type: ByUser}}, status: {conditions: [{type: Dangling, status: 'False'}]}}", "x | p | 9 | ByUser | 60m | False")]
    [InlineData("{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: PriorityLevelConfiguration, spec: {type: Limited, limited: {nominalConcurrencyShares: 5, limitResponse: {queuing: {queues: 1, handSize: 2, queueLengthLimit: 3}}}}}", "x | Limited | 5 | 1 | 2 | 3 | 60m")]
    [InlineData("{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition}", "x | 2026-11-22T12:00:00Z")]
    public void Cells_OtherKinds_TellTheirState(string yaml, string expected) => Assert.Equal(expected, PrintSample.Print(PrintSample.Yaml(yaml)));

    [Fact]
    public void Cells_EmptyObjectOfAnyKind_FillTheColumns()
    {
        foreach (var kind in KubeSchema.Default.Kinds)
        {
            Assert.Equal(TablePrinter.Columns(kind).Count, TablePrinter.Cells(kind, [], PrintSample.Now).Count);
        }
    }

    [Theory]
    [InlineData("v1", "Pod", "Name(name) | Ready | Status | Restarts | Age | *IP | *Node | *Nominated Node | *Readiness Gates")]
    [InlineData("apps/v1", "DaemonSet", "Name(name) | Desired:integer | Current:integer | Ready:integer | Up-to-date:integer | Available:integer | Node Selector | Age | *Containers | *Images | *Selector")]
    [InlineData("v1", "Event", "Last Seen | Type | Reason | Object | *Subobject | *Source | Message | *First Seen | *Count | *Name(name)")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole", "Name(name) | Created At:date")]
    public void Columns_Kind_AreThoseOfKubernetes(string groupVersion, string kind, string expected)
    {
        var columns = TablePrinter.Columns(KubeSchema.Default.FindKind(groupVersion, kind)!);

        Assert.Equal(expected, string.Join(" | ", columns.Select(c => (c.Priority == 1 ? "*" : "") + c.Name + (c.Format.Length > 0 ? $"({c.Format})" : "") + (c.Type == "string" ? "" : ":" + c.Type))));
    }
}
