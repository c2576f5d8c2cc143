using System.Collections;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Aerona.Contracts;
using Aerona.Sagas.Booking;

namespace Aerona.Simulation;

/// <summary>
/// A number for a world that two worlds share when nothing in them can go differently but for the hands of the clock: of times only the order of those to come
/// counts, counters that only pace repeats saturate at 2, a look-up's number is how far it lies behind the booking's last one, and names, addresses, texts and
/// tokens are left out.
/// </summary>
internal sealed class Canon
{
    // Told apart by something else (an attempt's id, a letter's own mark), or for people only.
    private static readonly HashSet<string> LeftOut =
    [
        "DeadlineToken", "TickToken", "Token", "ApprovalLink", "FailureDetail", "Detail", "Contact", "Passengers", "Locator", "Owner", "ReturnUrl", "Version",
        "By", "Description", "Segments", "AuthorizationId", "CaptureId", "EqualityContract", "LookUp", "Locale",
    ];

    // Times that nothing in a world waits for.
    private static readonly HashSet<string> NeverWaitedFor = ["SubmittedAt", "RequestedAt", "OpenedAt", "TicketingLimitAt", "ExpiresAt", "At"];

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, (Action<Canon, object> Times, Action<Canon, object> Values)> Visitors = [];
    private readonly List<long> times = [];
    private long now;
    private ulong hash;
    private Func<Guid, int> lastLookUp = _ => 0;

    /// <summary>Begins a world.</summary>
    public void Begin(DateTimeOffset at, Func<Guid, int> lastLookUpOf)
    {
        times.Clear();
        (now, lastLookUp) = (at.UtcTicks, lastLookUpOf);
    }

    /// <summary>First pass: what times there are.</summary>
    public void Times(object? thing)
    {
        switch (thing)
        {
            case null or string or Guid or Enum:
                break;
            case IEnumerable many:
                foreach (var one in many)
                {
                    Times(one);
                }

                break;
            default:
                VisitorsOf(thing.GetType()).Times(this, thing);
                break;
        }
    }

    public void Time(DateTimeOffset at)
    {
        if (at.UtcTicks > now)
        {
            times.Add(at.UtcTicks);
        }
    }

    /// <summary>Between the passes.</summary>
    public void Order() => times.Sort();

    /// <summary>Second pass: starts a number.</summary>
    public void Start(ulong with) => hash = with;

    public ulong Number => hash;

    public void Add(ulong value)
    {
        hash ^= value;
        hash *= 0x9E3779B97F4A7C15;
        hash ^= hash >> 32;
        hash *= 0xD6E8FEB86659FD93;
        hash ^= hash >> 29;
    }

    public void AddTime(DateTimeOffset at) => Add((ulong)Rank(at));

    public void Add(object? thing)
    {
        switch (thing)
        {
            case null:
                Add(0x51ul);
                break;
            case string text:
                AddText(text);
                break;
            case Guid id:
                AddId(id);
                break;
            case IEnumerable many:
                foreach (var one in many)
                {
                    Add(one);
                }

                Add(0x52ul);
                break;
            default:
                VisitorsOf(thing.GetType()).Values(this, thing);
                break;
        }
    }

    public void AddText(string? text)
    {
        Add((ulong)(text?.Length ?? -1));
        foreach (var letter in text ?? "")
        {
            Add(letter);
        }
    }

    public void AddId(Guid id)
    {
        var (low, high) = Unsafe.BitCast<Guid, (ulong, ulong)>(id);
        Add(low);
        Add(high);
    }

    private int Rank(DateTimeOffset at)
    {
        if (at.UtcTicks <= now)
        {
            return 0;
        }

        // Equal times share a rank; few enough for a walk.
        var (rank, last) = (0, long.MinValue);
        foreach (var time in times)
        {
            if (time != last)
            {
                rank++;
                last = time;
            }

            if (time == at.UtcTicks)
            {
                return rank;
            }
        }

        return 99;   // never waited for
    }

    private static (Action<Canon, object> Times, Action<Canon, object> Values) VisitorsOf(Type type) => Visitors.GetOrAdd(type, Make);

    private static (Action<Canon, object> Times, Action<Canon, object> Values) Make(Type type)
    {
        var (canon, thing) = (Expression.Parameter(typeof(Canon)), Expression.Parameter(typeof(object)));
        List<Expression> times = [], values = [Call(nameof(Add), Expression.Constant((ulong)StableHash(type.FullName!)))];
        var typed = Expression.Convert(thing, type);
        if (type.IsEnum || type.IsPrimitive)
        {
            values.Add(Call(nameof(Add), ToNumber(typed)));
            return (Compile(times), Compile(values));
        }

        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(x => x.GetIndexParameters().Length == 0).OrderBy(x => x.Name, StringComparer.Ordinal))
        {
            var value = Expression.Property(typed, property);
            if (property.Name is "LookUp" or "LookUpNumber" && property.PropertyType == typeof(int) && type != typeof(BookingState))
            {
                var booking = type.GetProperty("BookingId");
                values.Add(Call(nameof(AddLookUp), booking is null ? Expression.Constant(Guid.Empty) : Expression.Property(typed, booking), value));
                continue;
            }

            if (LeftOut.Contains(property.Name) && property.PropertyType != typeof(Services.Intent))
            {
                continue;
            }

            if (property.Name == "EnteredAt")
            {
                // From then on its state is overdue.
                var overdue = Expression.Add(value, Expression.Constant(new BookingTimes().Case));
                times.Add(Call(nameof(Time), overdue));
                values.Add(Call(nameof(AddTime), overdue));
            }
            else if (property.PropertyType == typeof(DateTimeOffset))
            {
                if (!NeverWaitedFor.Contains(property.Name))
                {
                    times.Add(Call(nameof(Time), value));
                    values.Add(Call(nameof(AddTime), value));
                }
            }
            else if (property.PropertyType == typeof(DateTimeOffset?))
            {
                if (!NeverWaitedFor.Contains(property.Name))
                {
                    times.Add(Expression.IfThen(Expression.Property(value, "HasValue"), Call(nameof(Time), Expression.Property(value, "Value"))));
                    values.Add(Expression.IfThenElse(
                        Expression.Property(value, "HasValue"), Call(nameof(AddTime), Expression.Property(value, "Value")), Call(nameof(Add), Expression.Constant(0x53ul))));
                }
                else
                {
                    values.Add(Call(nameof(Add), Expression.Condition(Expression.Property(value, "HasValue"), Expression.Constant(1ul), Expression.Constant(2ul))));
                }
            }
            else if (property.Name is "Ticks" or "VoidTries")
            {
                values.Add(Call(nameof(Add), ToNumber(Expression.Call(typeof(Math), nameof(Math.Min), null, value, Expression.Constant(property.Name == "Ticks" ? 4 : 2)))));
            }
            else if (property.PropertyType == typeof(Guid))
            {
                values.Add(Call(nameof(AddId), value));
            }
            else if (property.PropertyType == typeof(string))
            {
                values.Add(Call(nameof(AddText), value));
            }
            else if (property.PropertyType.IsEnum || (property.PropertyType.IsPrimitive && property.PropertyType != typeof(double)))
            {
                values.Add(Call(nameof(Add), ToNumber(value)));
            }
            else if (property.PropertyType == typeof(OfferSnapshot))
            {
                var id = typeof(OfferSnapshot).GetProperty(nameof(OfferSnapshot.OfferId))!;
                values.Add(Expression.IfThenElse(
                    Expression.ReferenceEqual(value, Expression.Constant(null, typeof(OfferSnapshot))),
                    Call(nameof(Add), Expression.Constant(0x54ul)), Call(nameof(AddId), Expression.Property(value, id))));
            }
            else if (property.PropertyType == typeof(Money) || property.PropertyType == typeof(Money?))
            {
                values.Add(Call(nameof(AddMoney), Expression.Convert(value, typeof(Money?))));
            }
            else
            {
                var boxed = Expression.Convert(value, typeof(object));
                times.Add(Call(nameof(Times), boxed));
                values.Add(Call(nameof(Add), boxed));
            }
        }

        return (Compile(times), Compile(values));

        Expression Call(string method, params Expression[] arguments) =>
            Expression.Call(canon, typeof(Canon).GetMethod(method, [.. arguments.Select(argument => argument.Type)])!, arguments);

        Action<Canon, object> Compile(List<Expression> body) =>
            body.Count == 0 ? static (_, _) => { }
        : Expression.Lambda<Action<Canon, object>>(Expression.Block(typeof(void), body), canon, thing).Compile();

        static Expression ToNumber(Expression value) => value.Type == typeof(bool)
            ? Expression.Condition(value, Expression.Constant(1ul), Expression.Constant(2ul))
            : Expression.Convert(Expression.Convert(value, typeof(long)), typeof(ulong));
    }

    public void AddMoney(Money? money) => Add((ulong)(money?.MinorUnits ?? -1));

    public void AddLookUp(Guid bookingId, int number) => Add((ulong)Math.Clamp(lastLookUp(bookingId) - number, -1, 2));

    private static uint StableHash(string text) => text.Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u);
}
