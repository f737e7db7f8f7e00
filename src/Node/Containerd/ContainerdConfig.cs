using System.Text;
using Sealos.Node.Gvisor;
using Sealos.Node.Pods.Config;

namespace Sealos.Node.Containerd;

/// <summary>What containerd is told. Pure: the text of its configuration file, from options and what the machine can do.</summary>
internal static class ContainerdConfig
{
    /// <summary>The RuntimeClass handler of gVisor.</summary>
    public const string GvisorHandler = "runsc";

    /// <summary>The configuration for <paramref name="options"/> on a machine with <paramref name="features"/>.</summary>
    public static string Render(NodeOptions options, MachineFeatures features)
    {
        var text = new StringBuilder();
        text.AppendLine("# Written by the node agent at each start; changes are lost.");
        text.AppendLine("version = 2");
        Set(text, "root", Path.Combine(options.DataRoot, "containerd"));
        Set(text, "state", Path.Combine(options.RunRoot, "containerd", "state"));
        Set(text, "oom_score", features.CanLowerOomScore ? -999 : 0);
        Table(text, "grpc");
        Set(text, "address", options.ContainerdSocket);
        Table(text, "debug");
        Set(text, "level", "warn");
        Table(text, "cgroup");
        Set(text, "path", $"/{options.Instance}/containerd");
        Table(text, "plugins.\"io.containerd.internal.v1.opt\"");
        Set(text, "path", Path.Combine(options.DataRoot, "containerd", "opt"));
        RenderCri(text, options, features);
        return text.ToString();
    }

    private static void RenderCri(StringBuilder text, NodeOptions options, MachineFeatures features)
    {
        const string Cri = "plugins.\"io.containerd.grpc.v1.cri\"";
        Table(text, Cri);
        Set(text, "sandbox_image", options.SandboxImage);
        Set(text, "restrict_oom_score_adj", !features.CanLowerOomScore);
        Set(text, "enable_selinux", features.HasSelinux);
        Set(text, "netns_mounts_under_state_dir", true);
        Set(text, "enable_unprivileged_ports", true);
        Set(text, "enable_unprivileged_icmp", true);
        Set(text, "stream_server_address", "127.0.0.1");
        Set(text, "stream_server_port", "0");
        Table(text, Cri + ".cni");
        Set(text, "bin_dir", options.CniBinDir);
        Set(text, "conf_dir", options.CniConfDir);
        Table(text, Cri + ".containerd");
        Set(text, "snapshotter", "overlayfs");
        Set(text, "default_runtime_name", "runc");
        Table(text, Cri + ".containerd.runtimes.runc");
        Set(text, "runtime_type", "io.containerd.runc.v2");
        text.Append("pod_annotations = [\"").Append(Keys.ShimGroup).AppendLine("\"]");
        Table(text, Cri + ".containerd.runtimes.runc.options");
        Set(text, "SystemdCgroup", false);
        Set(text, "Root", Path.Combine(options.RunRoot, "containerd", "runc"));
        if (features.HasGvisor)
        {
            Table(text, $"{Cri}.containerd.runtimes.{GvisorHandler}");
            Set(text, "runtime_type", "io.containerd.runc.v2");
            Set(text, "privileged_without_host_devices", true);
            Table(text, $"{Cri}.containerd.runtimes.{GvisorHandler}.options");
            Set(text, "BinaryName", GvisorRuntime.ProgramOf(options.GvisorRoot));
            Set(text, "SystemdCgroup", false);
            Set(text, "Root", Path.Combine(options.RunRoot, "containerd", "runsc"));
        }

        Table(text, Cri + ".registry");
        Set(text, "config_path", Path.Combine(options.DataRoot, "registries"));
    }

    private static void Table(StringBuilder text, string name) => text.AppendLine().Append('[').Append(name).AppendLine("]");

    private static void Set(StringBuilder text, string key, string value) =>
        text.Append(key).Append(" = \"").Append(value.Replace("\\", "\\\\").Replace("\"", "\\\"")).AppendLine("\"");

    private static void Set(StringBuilder text, string key, bool value) =>
        text.Append(key).Append(" = ").AppendLine(value ? "true" : "false");

    private static void Set(StringBuilder text, string key, int value) => text.Append(key).Append(" = ").Append(value).AppendLine();
}
