using Sealos.ControllerKit;
using Sealos.Network.Nft;

namespace Sealos.Network.Services;

/// <summary>
/// Which service holds each element of the table. Endpoints repeat between services, and two services may want the same
/// address and port for a moment or by mistake; the oldest wins, and when it goes the next one takes over.
/// </summary>
internal sealed class ElementClaims
{
    private readonly Dictionary<ElementKey, List<Claim>> _claims = [];

    public IEnumerable<ElementKey> Keys => _claims.Keys;

    public bool TryGetValue(ElementKey key, out string? value)
    {
        var held = _claims.TryGetValue(key, out var claims);
        value = held ? claims![0].Value : null;
        return held;
    }

    public void Add(ServicePlan plan)
    {
        foreach (var element in plan.Elements)
        {
            if (!_claims.TryGetValue(element.At, out var claims))
            {
                _claims[element.At] = claims = new List<Claim>(1);
            }

            var claim = new Claim(plan.Created, plan.Service, element.Value);
            var at = claims.BinarySearch(claim);
            claims.Insert(at < 0 ? ~at : at, claim);
        }
    }

    public void Remove(ServicePlan plan)
    {
        foreach (var element in plan.Elements)
        {
            if (_claims.TryGetValue(element.At, out var claims))
            {
                claims.RemoveAll(c => c.Service == plan.Service);
                if (claims.Count == 0)
                {
                    _claims.Remove(element.At);
                }
            }
        }
    }

    private readonly record struct Claim(DateTimeOffset Created, ObjectKey Service, string? Value) : IComparable<Claim>
    {
        public int CompareTo(Claim other)
        {
            var byAge = Created.CompareTo(other.Created);
            if (byAge != 0)
            {
                return byAge;
            }

            var byNamespace = string.CompareOrdinal(Service.Namespace, other.Service.Namespace);
            return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Service.Name, other.Service.Name);
        }
    }
}
