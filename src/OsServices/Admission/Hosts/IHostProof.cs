namespace Sealos.OsServices.Admission.Hosts;

/// <summary>What the world's DNS says about a host.</summary>
internal interface IHostProof
{
    /// <summary>The texts at a name; none when there are none or nobody answers.</summary>
    Task<IReadOnlyList<string>> TextsAsync(string name, CancellationToken ct);

    /// <summary>The name that a name stands for, in lower case without the last dot; null when it is none's alias or nobody answers.</summary>
    Task<string?> AliasAsync(string name, CancellationToken ct);
}
