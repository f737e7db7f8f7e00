using Xunit.v3;

namespace Sealos.Conformance_Tests.Upstream;

/// <summary>Names the test of Kubernetes' conformance suite whose promise this test keeps; <c>docs/conformance.md</c> is made from these.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class UpstreamAttribute(string name) : Attribute, ITraitAttribute
{
    public string Name => name;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Upstream", name)];
}
