namespace Sealos.Objects.Tests.Validation;

public sealed class PodRulesTests
{
    [Fact]
    public void Create_PlainPod_IsAccepted() => Assert.Empty(Sample.CreateErrors(Sample.Ready(Sample.Pod)));

    [Fact]
    public void Create_RichPod_IsAccepted() => Assert.Empty(Sample.CreateErrors(Sample.Ready("""
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: ns}
        spec:
          initContainers:
          - {name: init, image: i, volumeMounts: [{name: e, mountPath: /e}]}
          - {name: side, image: i, restartPolicy: Always, readinessProbe: {tcpSocket: {port: 1}}}
          containers:
          - name: c
            image: i
            ports: [{name: http, containerPort: 80}, {name: https, containerPort: 443, hostPort: 8443}]
            env:
            - {name: PLAIN, value: v}
            - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
            - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
            - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
            - {name: KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}
            envFrom: [{prefix: P_, configMapRef: {name: m}}]
            resources: {limits: {cpu: "1", memory: 1Gi, example.com/gpu: "1"}, requests: {cpu: 100m, example.com/gpu: "1"}}
            volumeMounts: [{name: e, mountPath: /e, subPath: a/b}, {name: s, mountPath: /s, readOnly: true}]
            livenessProbe: {httpGet: {port: http, httpHeaders: [{name: X-A, value: b}]}, initialDelaySeconds: 3}
            readinessProbe: {exec: {command: [a]}, successThreshold: 2}
            startupProbe: {grpc: {port: 90}}
            lifecycle: {preStop: {sleep: {seconds: 5}}}
            securityContext: {runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}
          volumes:
          - {name: e, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
          - {name: s, secret: {secretName: s, items: [{key: k, path: d/k, mode: 256}]}}
          - {name: m, configMap: {name: m, defaultMode: 292}}
          - {name: d, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
          - {name: p, projected: {sources: [{secret: {name: s}}, {configMap: {name: m}}, {serviceAccountToken: {path: token}}]}}
          - {name: c, persistentVolumeClaim: {claimName: c}}
          nodeSelector: {disk: ssd}
          tolerations: [{operator: Exists}, {key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 5}, {key: b, value: c}]
          affinity:
            nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: [b]}]}]}}
            podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 100, podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {a: b}}}}]}
          topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]
          dnsPolicy: None
          dnsConfig: {nameservers: [10.0.0.1], searches: [a.b, .], options: [{name: ndots, value: "5"}]}
          hostAliases: [{ip: 10.0.0.1, hostnames: [a.b]}]
          securityContext: {fsGroup: 1, supplementalGroups: [2], sysctls: [{name: net.core.somaxconn, value: "1"}]}
          hostname: h
          subdomain: s
          readinessGates: [{conditionType: example.com/ready}]
        """)));

    [Theory]
    [InlineData("spec.containers", "[]", "spec.containers: Required value")]
    [InlineData("spec.restartPolicy", "Sometimes", "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\"")]
    [InlineData("spec.dnsPolicy", "Mine", "spec.dnsPolicy: Unsupported value: \"Mine\": supported values: \"ClusterFirst\", \"ClusterFirstWithHostNet\", \"Default\", \"None\"")]
    [InlineData("spec.dnsPolicy", "None", "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None")]
    [InlineData("spec.dnsConfig", "{nameservers: [a]}", "spec.dnsConfig.nameservers[0]: Invalid value: \"a\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("spec.dnsConfig", "{nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]}", "must not have more than 3 nameservers")]
    [InlineData("spec.nodeSelector", "{'a b': c}", "spec.nodeSelector: Invalid value: \"a b\": name part must consist of")]
    [InlineData("spec.serviceAccountName", "A", "spec.serviceAccountName: Invalid value: \"A\": a lowercase RFC 1123 subdomain")]
    [InlineData("spec.hostname", "a.b", "spec.hostname: Invalid value: \"a.b\": a lowercase RFC 1123 label")]
    [InlineData("spec.activeDeadlineSeconds", "0", "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive")]
    [InlineData("spec.hostAliases", "[{ip: x}]", "spec.hostAliases[0].ip: Invalid value: \"x\": must be a valid IP address")]
    [InlineData("spec.readinessGates", "[{conditionType: 'a b'}]", "spec.readinessGates[0].conditionType: Invalid value: \"a b\"")]
    [InlineData("spec.ephemeralContainers", "[{name: e, image: i}]", "spec.ephemeralContainers: Forbidden: cannot be set on create")]
    [InlineData("spec.os", "{name: windows}", "spec.os.name: Invalid value: \"windows\": this cluster has Linux nodes only")]
    [InlineData("spec.resourceClaims", "[{name: a}]", "spec.resourceClaims: Forbidden: dynamic resource allocation is not supported")]
    [InlineData("spec.resources", "{limits: {cpu: 1}}", "spec.resources: Forbidden: resources of a whole pod are not supported; set them on its containers")]
    [InlineData("spec.overhead", "{cpu: -1}", "spec.overhead[cpu]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("spec.securityContext", "{runAsUser: -1}", "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive")]
    [InlineData("spec.securityContext", "{seccompProfile: {type: Localhost}}", "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost")]
    [InlineData("spec.securityContext", "{seccompProfile: {type: RuntimeDefault, localhostProfile: a}}", "can only be set when seccomp type is Localhost")]
    [InlineData("spec.securityContext", "{sysctls: [{name: foo-}]}", "spec.securityContext.sysctls[0].name: Invalid value: \"foo-\": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$")]
    [InlineData("spec.securityContext", "{sysctls: [{name: A B}]}", "spec.securityContext.sysctls[0].name: Invalid value: \"A B\": must have at most 253 characters")]
    [InlineData("spec.tolerations", "[{key: a, operator: Exists, value: b}]", "value must be empty when `operator` is 'Exists'")]
    [InlineData("spec.tolerations", "[{value: b}]", "operator must be Exists when `key` is empty")]
    [InlineData("spec.tolerations", "[{key: a, operator: Exists, tolerationSeconds: 5}]", "spec.tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set")]
    [InlineData("spec.tolerations", "[{key: a, operator: Near}]", "spec.tolerations[0].operator: Unsupported value: \"Near\": supported values: \"Equal\", \"Exists\"")]
    [InlineData("spec.affinity", "{nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}", "nodeSelectorTerms: Required value: must have at least one node selector term")]
    [InlineData("spec.affinity", "{nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Near}]}]}}}", "operator: Invalid value: \"Near\": not a valid selector operator")]
    [InlineData("spec.affinity", "{podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {}}]}}", "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty")]
    [InlineData("spec.affinity", "{podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, podAffinityTerm: {topologyKey: a}}]}}", "weight: Invalid value: 0: must be in the range 1-100")]
    [InlineData("spec.topologySpreadConstraints", "[{maxSkew: 0, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]", "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero")]
    [InlineData("spec.topologySpreadConstraints", "[{maxSkew: 1, topologyKey: a}]", "spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\"")]
    [InlineData("spec.schedulingGates", "[{name: a}, {name: a}]", "spec.schedulingGates[1]: Duplicate value: \"a\"")]
    public void Create_BadSpec_IsNamed(string path, string value, string expected) => AssertOneError(path, value, expected);

    [Theory]
    [InlineData("name", "''", "spec.containers[0].name: Required value")]
    [InlineData("name", "A_B", "spec.containers[0].name: Invalid value: \"A_B\": a lowercase RFC 1123 label")]
    [InlineData("image", "''", "spec.containers[0].image: Required value")]
    [InlineData("image", "' nginx'", "spec.containers[0].image: Invalid value: \" nginx\": must not have leading or trailing whitespace")]
    [InlineData("imagePullPolicy", "Often", "spec.containers[0].imagePullPolicy: Unsupported value: \"Often\": supported values: \"Always\", \"IfNotPresent\", \"Never\"")]
    [InlineData("restartPolicy", "Always", "spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers")]
    [InlineData("ports", "[{containerPort: 0}]", "spec.containers[0].ports[0].containerPort: Required value")]
    [InlineData("ports", "[{containerPort: 65536}]", "spec.containers[0].ports[0].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive")]
    [InlineData("ports", "[{containerPort: 80, hostPort: -1}]", "spec.containers[0].ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive")]
    [InlineData("ports", "[{containerPort: 80, protocol: HTTP}]", "spec.containers[0].ports[0].protocol: Unsupported value: \"HTTP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData("ports", "[{containerPort: 80, name: a}, {containerPort: 81, name: a}]", "spec.containers[0].ports[1].name: Duplicate value: \"a\"")]
    [InlineData("ports", "[{containerPort: 80, name: '80'}]", "must contain at least one letter (a-z)")]
    [InlineData("ports", "[{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80}]", "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\"")]
    [InlineData("env", "[{name: ''}]", "spec.containers[0].env[0].name: Required value")]
    [InlineData("env", "[{name: A=B}]", "spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable name must consist only of printable ASCII characters other than '='")]
    [InlineData("env", "[{name: A, valueFrom: {}}]", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`")]
    [InlineData("env", "[{name: A, value: b, valueFrom: {secretKeyRef: {name: s, key: k}}}]", "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty")]
    [InlineData("env", "[{name: A, valueFrom: {fieldRef: {fieldPath: spec.nope}}}]", "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"spec.nope\": error converting fieldPath: field label not supported: spec.nope")]
    [InlineData("env", "[{name: A, valueFrom: {resourceFieldRef: {resource: limits.gpu}}}]", "spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: \"limits.gpu\"")]
    [InlineData("env", "[{name: A, valueFrom: {configMapKeyRef: {name: m, key: a/b}}}]", "spec.containers[0].env[0].valueFrom.configMapKeyRef.key: Invalid value: \"a/b\": a valid config key")]
    [InlineData("envFrom", "[{}]", "spec.containers[0].envFrom[0]: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`")]
    [InlineData("envFrom", "[{secretRef: {}}]", "spec.containers[0].envFrom[0].secretRef.name: Required value")]
    [InlineData("resources", "{limits: {cpu: -1}, requests: {cpu: -1}}", "spec.containers[0].resources.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0", 2)]
    [InlineData("resources", "{limits: {cpu: '1'}, requests: {cpu: '2'}}", "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1")]
    [InlineData("resources", "{requests: {disk: 1}}", "spec.containers[0].resources.requests[disk]: Invalid value: \"disk\": must be a standard resource for containers")]
    [InlineData("resources", "{requests: {example.com/gpu: 1}}", "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources")]
    [InlineData("resources", "{limits: {example.com/gpu: 500m}}", "spec.containers[0].resources.limits[example.com/gpu]: Invalid value: \"500m\": must be an integer", 2)]
    [InlineData("volumeMounts", "[{name: nope, mountPath: /a}]", "spec.containers[0].volumeMounts[0].name: Not found: \"nope\"")]
    [InlineData("livenessProbe", "{}", "spec.containers[0].livenessProbe: Required value: must specify a handler type")]
    [InlineData("livenessProbe", "{exec: {command: [a]}, tcpSocket: {port: 1}}", "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type")]
    [InlineData("livenessProbe", "{exec: {}}", "spec.containers[0].livenessProbe.exec.command: Required value")]
    [InlineData("livenessProbe", "{httpGet: {}}", "spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("livenessProbe", "{httpGet: {port: 80, scheme: FTP}}", "spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: \"FTP\": supported values: \"HTTP\", \"HTTPS\"")]
    [InlineData("livenessProbe", "{tcpSocket: {port: 80}, successThreshold: 2}", "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1")]
    [InlineData("readinessProbe", "{tcpSocket: {port: 80}, timeoutSeconds: -1}", "spec.containers[0].readinessProbe.timeoutSeconds: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("readinessProbe", "{tcpSocket: {port: 80}, terminationGracePeriodSeconds: 1}", "must not be set for readinessProbes")]
    [InlineData("lifecycle", "{preStop: {sleep: {seconds: 60}}}", "spec.containers[0].lifecycle.preStop.sleep.seconds: Invalid value: 60: must be greater than 0 and less than terminationGracePeriodSeconds (30)")]
    [InlineData("securityContext", "{privileged: true, allowPrivilegeEscalation: false}", "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")]
    [InlineData("securityContext", "{procMount: Odd}", "spec.containers[0].securityContext.procMount: Unsupported value: \"Odd\": supported values: \"Default\", \"Unmasked\"")]
    public void Create_BadContainer_IsNamed(string field, string value, string expected, int errors = 1) =>
        AssertOneError($"spec.containers[0].{field}", value, expected, errors);

    [Theory]
    [InlineData("[{name: v, emptyDir: {}, secret: {secretName: s}}]", "spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type")]
    [InlineData("[{name: v, emptyDir: {}}, {name: v, emptyDir: {}}]", "spec.volumes[1].name: Duplicate value: \"v\"")]
    [InlineData("[{name: V, emptyDir: {}}]", "spec.volumes[0].name: Invalid value: \"V\": a lowercase RFC 1123 label")]
    [InlineData("[{name: v, hostPath: {}}]", "spec.volumes[0].hostPath.path: Required value")]
    [InlineData("[{name: v, hostPath: {path: /a/../b}}]", "spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'")]
    [InlineData("[{name: v, hostPath: {path: /a, type: Odd}}]", "spec.volumes[0].hostPath.type: Unsupported value: \"Odd\"")]
    [InlineData("[{name: v, secret: {}}]", "spec.volumes[0].secret.secretName: Required value")]
    [InlineData("[{name: v, secret: {secretName: s, defaultMode: 512}}]", "spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive")]
    [InlineData("[{name: v, configMap: {name: m, items: [{key: k, path: ../x}]}}]", "spec.volumes[0].configMap.items[0].path: Invalid value: \"../x\": must not contain '..'")]
    [InlineData("[{name: v, configMap: {name: m, items: [{key: k, path: /x}]}}]", "spec.volumes[0].configMap.items[0].path: Invalid value: \"/x\": must be a relative path")]
    [InlineData("[{name: v, configMap: {}}]", "spec.volumes[0].configMap.name: Required value")]
    [InlineData("[{name: v, downwardAPI: {items: [{path: a}]}}]", "spec.volumes[0].downwardAPI.items[0].fieldRef: Required value: one of fieldRef and resourceFieldRef is required")]
    [InlineData("[{name: v, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: status.podIP}}]}}]", "spec.volumes[0].downwardAPI.items[0].fieldRef.fieldPath: Unsupported value: \"status.podIP\"")]
    [InlineData("[{name: v, projected: {sources: [{}]}}]", "spec.volumes[0].projected.sources[0]: Required value: must specify a volume type")]
    [InlineData("[{name: v, projected: {sources: [{serviceAccountToken: {path: t, expirationSeconds: 5}}]}}]", "may not specify a duration less than 10 minutes")]
    [InlineData("[{name: v, persistentVolumeClaim: {}}]", "spec.volumes[0].persistentVolumeClaim.claimName: Required value")]
    [InlineData("[{name: v, gcePersistentDisk: {pdName: x}}]", "spec.volumes[0].gcePersistentDisk: Forbidden: volumes of type gcePersistentDisk are not supported")]
    [InlineData("[{name: v, image: {reference: x}}]", "spec.volumes[0].image: Forbidden: volumes of type image are not supported")]
    public void Create_BadVolume_IsNamed(string value, string expected) => AssertOneError("spec.volumes", value, expected);

    [Theory]
    [InlineData("[{name: v, mountPath: /a}, {name: v, mountPath: /a}]", "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique")]
    [InlineData("[{name: v, mountPath: ''}]", "spec.containers[0].volumeMounts[0].mountPath: Required value")]
    [InlineData("[{name: v, mountPath: /a, subPath: /x}]", "spec.containers[0].volumeMounts[0].subPath: Invalid value: \"/x\": must be a relative path")]
    [InlineData("[{name: v, mountPath: /a, subPath: a/../../b}]", "spec.containers[0].volumeMounts[0].subPath: Invalid value: \"a/../../b\": must not contain '..'")]
    [InlineData("[{name: v, mountPath: /a, subPath: b, subPathExpr: c}]", "subPathExpr and subPath are mutually exclusive")]
    [InlineData("[{name: v, mountPath: /a, mountPropagation: Bidirectional}]", "Bidirectional mount propagation is available only to privileged containers")]
    public void Create_BadMount_IsNamed(string value, string expected)
    {
        var errors = Sample.CreateErrors(Sample.With(Sample.Pod, ("spec.volumes", "[{name: v, emptyDir: {}}]"), ("spec.containers[0].volumeMounts", value)));

        Assert.Contains(expected, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ContainersOfOneName_AreRefusedAcrossLists() => Assert.Equal(
        ["spec.containers[1].name: Duplicate value: \"c\"", "spec.initContainers[0].name: Duplicate value: \"c\""],
        Sample.CreateErrors(Sample.With(Sample.Pod, ("spec.containers", "[{name: c, image: i}, {name: c, image: i}]"), ("spec.initContainers", "[{name: c, image: i}]"))));

    [Theory]
    [InlineData("{name: i, image: i, livenessProbe: {tcpSocket: {port: 1}}}", "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always")]
    [InlineData("{name: i, image: i, restartPolicy: Never}", "spec.initContainers[0].restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"")]
    public void Create_BadInitContainer_IsNamed(string container, string expected) => AssertOneError("spec.initContainers", $"[{container}]", expected);

    [Fact]
    public void Create_NameFromTheUser_IsQuotedInErrors() =>
        Assert.StartsWith("spec.containers[0].name: Invalid value: \"a\\\"\\n\\x01\": ", Sample.CreateErrors(Sample.With(Sample.Pod, ("spec.containers[0].name", "\"a\\\"\\n\\x01\"")))[0], StringComparison.Ordinal);

    private static void AssertOneError(string path, string value, string expected, int errors = 1)
    {
        var found = Sample.CreateErrors(Sample.With(Sample.Pod, (path, value)));

        Assert.Contains(found, e => e.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(errors, found.Count);
    }
}
