// One table a struct: its keys, their types, units, ranges and meaning. The table drives decoding,
// the messages, suggestions, `schema` and `--explain`.
//
//   Fields<Gpu> gpu_fields() {
//     return Fields<Gpu>("gpu")
//         .required("sms", &Gpu::sms, between(1, 1024), "streaming multiprocessors")
//         .required("hbm", &Gpu::hbm, between(Bytes{1e9}, Bytes{1e12}), "memory of one GPU")
//         .required("kind", &Gpu::kind, names<Kind>({{"sxm", Kind::kSxm}}), "form factor")
//         .table("links", &Gpu::links, link_fields(), "one table a link");
//   }
//   Gpu gpu = decode(gpu_fields(), load_toml(path));
//
// Members: bool, int, std::int64_t, double, std::string, enums, the quantities of units.h, structs
// with their own Fields, Node (any value), and std::vector, std::optional, Sourced of those. A
// required list has at least one item. A text isn't empty. A key may be left out only with
// optional(), whose member is a std::optional or a std::vector.
#pragma once

#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

#include "simulator/base/field_rows.h"
#include "simulator/base/node.h"

namespace windtunnel {

/// How a value of type M is written, and the function that reads it (throws ConfigError).
template <typename M>
struct Form {
  FieldForm form;
  std::function<M(const Node&)> read;
};

/// An enum's names as they stand in files.
template <typename E>
struct Names {
  std::vector<std::pair<std::string, E>> rows;
};

template <typename E>
Names<E> names(std::vector<std::pair<std::string, E>> rows) {
  return {std::move(rows)};
}

template <typename M>
struct Wrapped {
  using Inner = void;  // not a wrapper
};
template <typename X>
struct Wrapped<std::vector<X>> {
  using Inner = X;
};
template <typename X>
struct Wrapped<std::optional<X>> {
  using Inner = X;
};
template <typename X>
struct Wrapped<Sourced<X>> {
  using Inner = X;
};
template <typename M>
inline constexpr bool kIsWrapper = !std::is_void_v<typename Wrapped<M>::Inner>;

template <typename M>
inline constexpr bool kMayBeMissing = false;
template <typename X>
inline constexpr bool kMayBeMissing<std::vector<X>> = true;
template <typename X>
inline constexpr bool kMayBeMissing<std::optional<X>> = true;

/// The form of a bool, a text, a number or a quantity; `range` is in SI units and unused by the
/// first two.
template <typename M>
Form<M> leaf_form(const Range& range) {
  if constexpr (std::is_same_v<M, bool>) {
    return {boolean_form(), read_boolean};
  } else if constexpr (std::is_same_v<M, std::string>) {
    return {text_form(), read_text};
  } else if constexpr (std::is_same_v<M, Node>) {
    return {value_form(), [](const Node& node) { return node; }};
  } else if constexpr (std::is_integral_v<M>) {
    const FieldForm form =
        integer_form(range, static_cast<std::int64_t>(std::numeric_limits<M>::max()));
    return {form, [form](const Node& node) { return static_cast<M>(read_integer(node, form)); }};
  } else if constexpr (std::is_same_v<M, double>) {
    const FieldForm form = number_form(range);
    return {form, [form](const Node& node) { return read_number(node, form); }};
  } else {
    static_assert(kDimensionOf<M>.has_value(), "enums take names(), structs take table()");
    const FieldForm form = quantity_form(*kDimensionOf<M>, range);
    return {form, [form](const Node& node) { return M{read_quantity(node, form)}; }};
  }
}

template <typename E>
Form<E> name_form(const Names<E>& names) {
  FieldForm form = names_form();
  for (const auto& [name, value] : names.rows) form.names.push_back(name);
  return {form,
          [form, names](const Node& node) { return names.rows[read_name(node, form)].second; }};
}

/// A text of which the reader takes any, and whoever looks it up knows `known`.
inline Form<std::string> word_form(std::vector<std::string> known) {
  FieldForm form = names_form();
  form.names = std::move(known);
  return {form, read_text};
}

/// Lifts the form of X to std::vector<X>, std::optional<X>, Sourced<X>, however they nest.
template <typename M, typename Leaf>
Form<M> wrapped_form(const Leaf& leaf) {
  if constexpr (std::is_convertible_v<Leaf, Form<M>>) {
    return leaf;
  } else if constexpr (!kIsWrapper<M>) {
    static_assert(kIsWrapper<M>, "the member's type doesn't match the form");
  } else {
    using X = typename Wrapped<M>::Inner;
    const Form<X> inner = wrapped_form<X>(leaf);
    if constexpr (std::is_same_v<M, std::vector<X>>) {
      return {list_form(inner.form), [inner](const Node& node) {
                M list;
                for (const Node& item : read_list(node, inner.form))
                  list.push_back(inner.read(item));
                return list;
              }};
    } else if constexpr (std::is_same_v<M, Sourced<X>>) {
      return {inner.form, [inner](const Node& node) { return M{inner.read(node), node.source}; }};
    } else {
      return {inner.form, [inner](const Node& node) { return M(inner.read(node)); }};
    }
  }
}

/// The type at the core of std::vector<std::optional<Sourced<...>>>.
template <typename M, bool = kIsWrapper<M>>
struct Core {
  using Type = M;
};
template <typename M>
struct Core<M, true> {
  using Type = typename Core<typename Wrapped<M>::Inner>::Type;
};

/// The keys of a table that becomes a T; T needs no default members, it starts as T{}.
template <typename T>
class Fields {
 public:
  /// `name` is what messages call the table.
  explicit Fields(std::string name) : table_{std::move(name), {}} {}

  /// A number or quantity within `range`; a list's range is that of its items.
  template <typename M>
  Fields& required(std::string key, M T::*member, const Range& range, std::string doc) {
    return add(std::move(key), member, ranged<M>(range), true, std::move(doc));
  }
  template <typename M>
  Fields& optional(std::string key, M T::*member, const Range& range, std::string doc) {
    return add_optional(std::move(key), member, ranged<M>(range), std::move(doc));
  }

  /// A bool, a text, or any value as a Node.
  template <typename M>
  Fields& required(std::string key, M T::*member, std::string doc) {
    return add(std::move(key), member, unranged<M>(), true, std::move(doc));
  }
  template <typename M>
  Fields& optional(std::string key, M T::*member, std::string doc) {
    return add_optional(std::move(key), member, unranged<M>(), std::move(doc));
  }

  /// An enum by its names.
  template <typename M, typename E>
  Fields& required(std::string key, M T::*member, const Names<E>& names, std::string doc) {
    return add(std::move(key), member, wrapped_form<M>(name_form(names)), true, std::move(doc));
  }
  template <typename M, typename E>
  Fields& optional(std::string key, M T::*member, const Names<E>& names, std::string doc) {
    return add_optional(std::move(key), member, wrapped_form<M>(name_form(names)), std::move(doc));
  }

  /// A struct by its own Fields, required unless the member is a std::optional; a std::vector of
  /// structs is an array of tables.
  template <typename M, typename X>
  Fields& table(std::string key, M T::*member, const Fields<X>& fields, std::string doc = "") {
    constexpr bool kRequired = !std::is_same_v<M, std::optional<typename Wrapped<M>::Inner>>;
    return add(std::move(key), member, wrapped_form<M>(fields.form()), kRequired, std::move(doc));
  }

  /// Anything else, such as a std::variant, by a form of its own.
  template <typename M, typename X>
  Fields& custom(std::string key, M T::*member, const Form<X>& form, bool required,
                 std::string doc) {
    return add(std::move(key), member, wrapped_form<M>(form), required, std::move(doc));
  }

  /// This table as the form of a T.
  Form<T> form() const {
    return {table_form(table_), [table = table_](const Node& node) { return read(table, node); }};
  }

  /// Reads a table; throws ConfigError for anything that isn't as this table says.
  static T read(const FieldTable& table, const Node& node) {
    T object{};
    decode_fields(table, node, &object);
    return object;
  }

  const FieldTable& rows() const { return table_; }

 private:
  template <typename M>
  static Form<M> ranged(const Range& range) {
    using X = typename Core<M>::Type;
    static_assert(!std::is_same_v<X, bool> && !std::is_same_v<X, std::string>, "has no range");
    return wrapped_form<M>(leaf_form<X>(range));
  }

  template <typename M>
  static Form<M> unranged() {
    using X = typename Core<M>::Type;
    static_assert(std::is_same_v<X, bool> || std::is_same_v<X, std::string> ||
                      std::is_same_v<X, Node>,
                  "needs a range");
    return wrapped_form<M>(leaf_form<X>(Range{}));
  }

  template <typename M>
  Fields& add_optional(std::string key, M T::*member, const Form<M>& form, std::string doc) {
    static_assert(kMayBeMissing<M>, "an optional key needs a std::optional or std::vector member");
    return add(std::move(key), member, form, false, std::move(doc));
  }

  template <typename M>
  Fields& add(std::string key, M T::*member, const Form<M>& form, bool required, std::string doc) {
    FieldForm written = form.form;
    written.may_be_empty = !required;
    table_.fields.push_back({std::move(key), std::move(written), required, std::move(doc),
                             [member, read = form.read](void* object, const Node& node) {
                               static_cast<T*>(object)->*member = read(node);
                             }});
    return *this;
  }

  FieldTable table_;
};

/// The struct that `node` (a table) describes; throws ConfigError at the value, at an unknown key,
/// or at the table that lacks one.
template <typename T>
T decode(const Fields<T>& fields, const Node& node) {
  return Fields<T>::read(fields.rows(), node);
}

/// The same table as the keys of a file.
template <typename T>
FileKeys file_keys(const Fields<T>& fields) {
  return {fields.rows(),
          [table = fields.rows()](const Node& root) { Fields<T>::read(table, root); }};
}

/// What may be written in the table, inner tables with dotted keys (`links[].rate`).
template <typename T>
std::vector<FieldRow> describe(const Fields<T>& fields) {
  return describe(fields.rows());
}

}  // namespace windtunnel
