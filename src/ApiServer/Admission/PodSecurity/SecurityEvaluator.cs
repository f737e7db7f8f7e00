namespace Sealos.ApiServer.Admission.PodSecurity;

/// <summary>Holds a pod against a level, in the order in which Kubernetes tells its findings.</summary>
internal static class SecurityEvaluator
{
    public static IReadOnlyList<SecurityFinding> Evaluate(SecuritySubject pod, LevelVersion version)
    {
        if (version.Level == SecurityLevel.Privileged)
        {
            return [];
        }

        // A stricter check of the same stands in for the one of baseline.
        var isRestricted = version.Level == SecurityLevel.Restricted;
        var dropsAll = isRestricted && version.IsAtLeast(22);
        var needsSeccomp = isRestricted && version.IsAtLeast(19);
        IEnumerable<SecurityFinding?> baseline =
        [
            BaselineChecks.AppArmor(pod),
            dropsAll ? null : BaselineChecks.Capabilities(pod),
            BaselineChecks.HostNamespaces(pod),
            isRestricted ? null : BaselineChecks.HostPaths(pod),
            BaselineChecks.HostPorts(pod),
            BaselineChecks.Privileged(pod),
            BaselineChecks.ProcMount(pod),
            BaselineChecks.Selinux(pod, version),
            needsSeccomp ? null : BaselineChecks.Seccomp(pod, version),
            BaselineChecks.Sysctls(pod, version),
            BaselineChecks.HostProcess(pod),
        ];
        return [.. baseline.Concat(isRestricted ? Restricted(pod, version) : []).OfType<SecurityFinding>()];
    }

    public static string Describe(IReadOnlyList<SecurityFinding> findings) => string.Join(", ", findings);

    private static IEnumerable<SecurityFinding?> Restricted(SecuritySubject pod, LevelVersion version)
    {
        // Windows has none of what these ask for, and since 1.25 that is known.
        var isExempt = pod.IsWindows && version.IsAtLeast(25);
        return
        [
            version.IsAtLeast(8) && !isExempt ? RestrictedChecks.PrivilegeEscalation(pod) : null,
            version.IsAtLeast(22) && !isExempt ? RestrictedChecks.Capabilities(pod) : null,
            RestrictedChecks.Volumes(pod),
            RestrictedChecks.NonRoot(pod),
            version.IsAtLeast(23) ? RestrictedChecks.User(pod) : null,
            version.IsAtLeast(19) && !isExempt ? RestrictedChecks.Seccomp(pod) : null,
        ];
    }
}
