namespace Sealos.Testing;

/// <summary>Where the repository under test lies.</summary>
public static class Repository
{
    /// <summary>The folder of Sealos.slnx, found upwards from the test program.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The published program, as a user runs it.</summary>
    public static string Program => Path.Combine(Root, "artifacts", "publish", "sealos.dll");

    /// <summary>An unmodified kubectl of a version such as <c>1.32</c>.</summary>
    public static string Kubectl(string version) => Path.Combine(Root, "artifacts", "tools", $"kubectl-{version}", "kubectl");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sealos.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("Sealos.slnx is not above the test program");
    }
}
