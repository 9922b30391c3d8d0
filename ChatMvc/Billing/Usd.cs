using System.Globalization;

namespace ChatMvc.Billing;

/// <summary>US dollars in whole micro-dollars, as every row keeps them.</summary>
public readonly record struct Usd(long Micros) : IComparable<Usd>
{
    public const long MicrosPerDollar = 1_000_000;
    public const long MicrosPerCent = 10_000;

    public static readonly Usd Zero = new(0);

    public static Usd OfCents(long cents) => new(checked(cents * MicrosPerCent));

    /// <summary>Rounded up to the micro-dollar, which is the one rounding that money here ever sees.</summary>
    public static Usd RoundedUp(decimal dollars) => new((long)decimal.Ceiling(dollars * MicrosPerDollar));

    /// <summary>Rounded up.</summary>
    public Usd Times(decimal factor) => new((long)decimal.Ceiling(Micros * factor));

    public decimal Dollars => Micros / (decimal)MicrosPerDollar;

    /// <summary>Two decimals, and as many more as it takes to say it exactly: <c>$10.00</c>, <c>$0.0031</c>, <c>−$1.25</c>.</summary>
    public override string ToString()
    {
        var text = Math.Abs(Dollars).ToString("$#,##0.00####", CultureInfo.InvariantCulture);
        return Micros < 0 ? "−" + text : text;
    }

    public int CompareTo(Usd other) => Micros.CompareTo(other.Micros);

    public static Usd operator +(Usd a, Usd b) => new(checked(a.Micros + b.Micros));
    public static Usd operator -(Usd a, Usd b) => new(checked(a.Micros - b.Micros));
    public static Usd operator -(Usd a) => new(-a.Micros);
    public static bool operator <(Usd a, Usd b) => a.Micros < b.Micros;
    public static bool operator >(Usd a, Usd b) => a.Micros > b.Micros;
    public static bool operator <=(Usd a, Usd b) => a.Micros <= b.Micros;
    public static bool operator >=(Usd a, Usd b) => a.Micros >= b.Micros;
}
